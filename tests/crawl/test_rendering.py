"""Pages that show themselves only to a browser: a real Chromium, whose every request goes through the crawl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import chromium, disk
from harness.command import citynews
from harness.scripted import Answer, Scripted, story

pytestmark = pytest.mark.ci
SHELL = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><div id="app"></div><script src="/app.js"></script>{more}</body></html>"""
#: Builds a list, or an article with its view count, out of what the server says as JSON.
APP = """
(async () => {
  const app = document.getElementById('app');
  const asked = {headers: {'X-Requested-With': 'XMLHttpRequest'}};
  const data = await (await fetch('/api' + location.pathname, asked)).json();
  if (data.rows) {
    app.innerHTML = '<ul>' + data.rows.map(r => `<li><a href="${r.url}">${r.title}</a></li>`).join('') + '</ul>';
    return;
  }
  app.innerHTML = `<article><h1>${data.title}</h1><p class="meta">2026-03-04 05:06:07 Source: The Lamp
    Views: <span id="hits">0</span></p>${data.text.split('\\n\\n').map(p => `<p>${p}</p>`).join('')}</article>`;
  const hits = await (await fetch('/hits' + location.pathname)).text();
  document.getElementById('hits').textContent = hits;
})();
"""


def portal(server: Scripted, tmp_path: Path, render: str = "true") -> Path:
    path = server.definition(tmp_path)
    path.write_text(path.read_text().replace("[discover]", f"render = {render}\n[discover]", 1))
    return path


def furnish(server: Scripted, *names: str, more: str = "") -> None:
    """A front page and articles of which the HTML says nothing."""
    script = {"Content-Type": "text/javascript"}
    rows = [{"url": f"/a/{name}", "title": f"A headline about {name}"} for name in names]
    server.pages["/"] = Answer(SHELL.format(title="News", more="").encode())
    server.pages["/app.js"] = Answer(APP.encode(), headers=script)
    server.pages["/api/"] = Answer(json.dumps({"rows": rows}).encode(), headers={"Content-Type": "application/json"})
    for number, name in enumerate(names):
        server.pages[f"/a/{name}"] = Answer(SHELL.format(title="News", more=more).encode())
        data = {"title": f"The lamps of {name}", "text": story(name)}
        server.pages[f"/api/a/{name}"] = Answer(json.dumps(data).encode(), headers={"Content-Type": "application/json"})
        server.pages[f"/hits/a/{name}"] = Answer(str(1000 + number).encode(), headers={"Content-Type": "text/plain"})


@pytest.fixture(autouse=True)
def browser() -> None:
    chromium.need()


def test_a_list_and_a_view_count_built_by_script(server: Scripted, tmp_path: Path) -> None:
    """Crawled, archived with the wire, whole, and the same lines from the archive without a browser."""
    furnish(server, "east", "west")
    output, again = tmp_path / "archive", tmp_path / "again"
    command = ["crawl", "scripted", "--portals", portal(server, tmp_path), "--output", output]
    citynews(*command, "--allow-host", server.host)
    found = {record["title"]: record for record in disk.records(output, "articles")}
    assert {title: record["view_count"] for title, record in found.items()} == {
        "The lamps of east": 1000,
        "The lamps of west": 1001,
    }
    assert found["The lamps of east"]["body"] == story("east")
    assert server.paths().count("/app.js") == 1, "a script is fetched once a run"
    kinds = disk.kinds(output)
    assert kinds["conversion"] == 3
    assert kinds["response"] >= len(set(server.paths())), "all that the browser got crossed the wire and is archived"
    citynews("verify", "--output", output)
    env = {"PATH": "/nonexistent", "CITYNEWS_CHROMIUM": ""}
    citynews("replay", output / "warc", "--output", again, env=env)
    assert disk.all_lines(again) == disk.all_lines(output)


def test_a_page_reaches_nothing_that_a_crawl_may_not(server: Scripted, tmp_path: Path) -> None:
    """Scripts, sockets, frames and addresses of a hostile page: not one connection, and the rest is read."""
    with Scripted() as victim:
        inside = f"127.0.0.1:{victim.server_port}"
        server.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /private/\n")
        server.pages["/private/x"] = Answer(b"secret")
        furnish(
            server,
            "east",
            more=f"""<iframe src="http://{inside}/frame"></iframe><img src="http://{inside}/img">
<script src="http://{inside}/script.js"></script><iframe src="file:///etc/passwd"></iframe>
<script>fetch('http://{inside}/xhr').catch(() => 0); fetch('/private/x').catch(() => 0);
new WebSocket('ws://{inside}/ws'); navigator.sendBeacon('http://{inside}/beacon', 'x');
new EventSource('http://{inside}/events'); window.open('http://{inside}/popup');
new RTCPeerConnection({{iceServers: [{{urls: 'stun:{inside}'}}]}}).createDataChannel('x');
setTimeout(() => {{ location.href = 'http://{inside}/away'; }}, 300);</script>
<link rel="preconnect" href="http://{inside}"><link rel="prefetch" href="http://{inside}/prefetch">""",
        )
        command = ["crawl", "scripted", "--portals", portal(server, tmp_path), "--output", tmp_path / "archive"]
        citynews(*command, "--allow-host", server.host)
        assert victim.connections == 0
    assert "/private/x" not in server.paths()
    (record,) = disk.records(tmp_path / "archive", "articles")
    assert record["title"] == "The lamps of east"
    assert "root:" not in (record["body"] or "")


def test_a_page_that_never_rests_is_left_as_it_was_sent(server: Scripted, tmp_path: Path) -> None:
    """An endless script costs its page the browser, nobody else; only what the pattern names is shown at all."""
    server.listing("/a/plain", "/a/endless")
    server.article("/a/plain")
    server.article("/a/endless")
    endless = server.pages["/a/endless"]
    assert isinstance(endless.body, bytes)
    endless.body = endless.body.replace(b"</body>", b"<script>for (;;) {}</script></body>")
    definition = portal(server, tmp_path, render="['/a/endless']")
    output = tmp_path / "archive"
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host, "--json"]
    done = citynews(*command, "-s", "CITYNEWS_RENDER_SECONDS=4")
    assert {record["url"].rpartition("/")[2] for record in disk.records(output, "articles")} == {"plain", "endless"}
    assert done.summary["portals"]["scripted"]["failures"] == {"render": 1}
    assert "conversion" not in disk.kinds(output)


def test_without_a_browser_one_sentence_says_what_to_install(server: Scripted, tmp_path: Path) -> None:
    command = ["crawl", "scripted", "--portals", portal(server, tmp_path), "--output", tmp_path / "archive"]
    done = citynews(*command, code=2, env={"PATH": "/nonexistent", "CITYNEWS_CHROMIUM": ""})
    assert "apt-get install chromium" in done.err
    assert server.connections == 0
