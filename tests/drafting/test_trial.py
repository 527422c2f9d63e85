"""`citynews portals trial`: what was seen live is what the file says, on any machine, and nothing of who asked."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from crawler import portals
from crawler.drafting.trial import seen_on
from crawler.portals.reader import BUNDLED
from harness.command import Done, citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites
from harness.scripted import Answer, Scripted, page, story

CONTACT = "https://operator.example/me@private.example"


def trial(sample_sites: SampleSites, folder: Path, *more: object, code: int | None = 0) -> Done:
    hosts = [word for base in sample_sites.samples.base.values() for word in ("--allow-host", base.partition("//")[2])]
    return citynews("portals", "trial", "--portals", sample_sites.folder, *hosts, *more, code=code, cwd=folder,
                    env={"CITYNEWS_CONTACT": CONTACT})  # fmt: skip


def test_the_file_says_what_was_seen(sample_sites: SampleSites, tmp_path: Path) -> None:
    done = trial(sample_sites, tmp_path, ZHIHUI, METRO, "--report", "trial.zip", "--json")
    live = json.loads(done.out)["portals"]
    assert {portal["portal"] for portal in live} == {ZHIHUI, METRO}
    assert all(portal["articles"] == portal["asked"] > 3 and not portal["problems"] for portal in live)
    assert all(portal["coverage"]["title"] == 1.0 and portal["statuses"]["200"] > 4 for portal in live)
    sample_sites.samples.__exit__(None, None, None)
    shutil.copy(tmp_path / "trial.zip", tmp_path / "sent.zip")
    again = json.loads(citynews("portals", "trial", "--from", "sent.zip", "--json", cwd=tmp_path, env={}).out)
    assert again == {"portals": live, "differing": []}
    text = citynews("portals", "trial", "--from", "sent.zip", cwd=tmp_path).out
    assert "title 100%" in text
    with zipfile.ZipFile(tmp_path / "sent.zip") as package:
        for name in package.namelist():
            assert b"private.example" not in package.read(name), name
        assert sorted(package.namelist()) == [
            "captures.warc.gz", f"definitions/{METRO}.toml", f"definitions/{ZHIHUI}.toml", "report.json", "trial.json"
        ]  # fmt: skip
        (folder := tmp_path / "unpacked").mkdir()
        package.extract("captures.warc.gz", folder)
    plain = gzip.decompress((folder / "captures.warc.gz").read_bytes())
    assert b"private.example" not in plain, "nor in what is compressed"
    assert b"User-Agent" not in plain


def test_what_does_not_hold_is_said_and_not_written(sample_sites: SampleSites, tmp_path: Path) -> None:
    sample_sites.rewrite(CHENGSHI, ("/html/", "/nowhere/"), ("/[a-z]+/", "/nothing/[0-9]+x/"))
    done = trial(sample_sites, tmp_path, CHENGSHI, METRO, "--write", "seen", "--report", "t.zip", code=3)
    assert "matches discover.article_urls" in done.out
    assert [path.name for path in (tmp_path / "seen").iterdir()] == [f"{METRO}.toml"]
    assert portals.read(tmp_path / "seen" / f"{METRO}.toml").last_seen
    assert f"{CHENGSHI}: not written" in done.err


def test_sites_that_are_not_there(tmp_path: Path) -> None:
    text = ('name = "lost"\ntitle = "x"\nhome = "http://127.0.0.1:1/"\ndomains = ["127.0.0.1:1"]\nlanguage = "en"\n'
            'timezone = "UTC"\n[discover]\nfeeds = ["http://127.0.0.1:1/rss"]\n[politeness]\ndelay = 0\n')  # fmt: skip
    (tmp_path / "lost.toml").write_text(text, "utf-8")
    asked = ("portals", "trial", "lost", "--portals", "lost.toml", "--allow-host", "127.0.0.1:1", "--report", "t.zip")
    done = citynews(*asked, code=3, cwd=tmp_path)
    assert "not requested: robots.txt cannot be fetched (connection-refused)" in done.out
    assert citynews("portals", "trial", "--from", "t.zip", code=3, cwd=tmp_path).out == done.out


PRIVATE = """
[request]
headers = {{ X-Api-Key = "private-key", Accept-Language = "zh-CN" }}
user_agent_suffix = "(for private@private.example)"
"""


@pytest.fixture
def private(server: Scripted, tmp_path: Path) -> Path:
    """A portal whose addresses come from a list in somebody's folder, asked with headers of his."""
    folder = tmp_path / "private-home"
    folder.mkdir()
    names = [f"/a/{n}" for n in ("gbk", "moved", "wall", "counted")]
    (folder / "list.csv").write_text(
        "".join(f"{server.base}{name},x\n" for name in [*names, "/a/not-asked", "/elsewhere"]), "utf-8"
    )
    text = "第二天记者从市政府获悉,今年以来全市持续推进数字基础设施建设,取得了新的进展,居民反映良好。"
    body = page("数字城市建设取得进展", f"{text}\n\n{text[4:]}\n\n{text[8:]}").decode().replace("charset", "x")
    server.pages["/a/gbk"] = Answer(body.encode("gb18030"), headers={"Content-Type": "text/html"})
    server.article("/a/real")
    server.pages["/a/moved"] = Answer(status=301, headers={"Location": "/a/real"})
    server.pages["/a/wall"] = Answer(b"<html><title>Forbidden</title><body>no</body></html>", 403)
    script = b"<script src='/plus/count.php?view=yes&aid=12'></script></article>"
    server.pages["/a/counted"] = Answer(page("Counted", story("counted")).replace(b"</article>", script))
    server.definition(tmp_path, discover=f'urls = ["file:{folder}/list.csv"]', more=PRIVATE.format())
    return folder


def look(server: Scripted, folder: Path, *more: object) -> Done:
    asked = ("portals", "trial", "scripted", "--portals", "scripted.toml", "--articles", 4, "--json", *more)
    environment = {"CITYNEWS_CONTACT": CONTACT}
    return citynews(*asked, "--allow-host", server.host, code=None, cwd=folder, env=environment)


def test_what_is_private_stays_here(private: Path, server: Scripted, tmp_path: Path) -> None:
    done = look(server, tmp_path, "--report", "t.zip")
    for key in ("request.headers.X-Api-Key", "request.user_agent_suffix", "discover.urls"):
        assert f"scripted: {key} is left out" in done.err
    assert any("private-key" in request.headers.values() for request in server.asked), "the site got it"
    with zipfile.ZipFile(tmp_path / "t.zip") as package:
        for name in package.namelist():
            data = package.read(name)
            data = gzip.decompress(data) if name.endswith(".gz") else data
            assert not [word for word in (b"private", b"not-asked", str(tmp_path).encode()) if word in data], name
        assert b"zh-CN" in package.read("definitions/scripted.toml")
    shutil.rmtree(private)
    again = citynews("portals", "trial", "--from", "t.zip", "--json", cwd=tmp_path, code=0)
    assert json.loads(again.out) == json.loads(done.out), "the list is not needed any more"


def test_what_the_site_does_is_said(private: Path, server: Scripted, tmp_path: Path) -> None:
    (found,) = json.loads(look(server, tmp_path).out)["portals"]
    assert found["discovery"] == {"file:list.csv": 4}
    assert found["redirects"] == {f"{server.base}/a/moved": f"301 {server.base}/a/real"}
    assert found["walls"] == {"http-403": 1}
    assert found["encodings"] == {"none stated, read as gb18030": 1, "utf-8": 2}
    assert found["counters"] == {"rises when asked: not asked": 1}
    assert found["dates"] == {"newest": "2026-03-04", "precision": {"minute": 3}}


def test_pages_with_the_same_body_are_all_in_the_file(server: Scripted, tmp_path: Path) -> None:
    """The archive of a look has a body once; what refers to it is an answer all the same."""
    paths = [f"/a/{n}" for n in range(4)]
    server.listing(*paths)
    same = b"<html><body><h1>List</h1>" + b"<li><a href='/x'>some link or other</a></li>" * 60 + b"</body></html>"
    for path in paths:
        server.pages[path] = Answer(same)
    server.definition(tmp_path)
    done = look(server, tmp_path, "--report", "t.zip")
    (found,) = json.loads(done.out)["portals"]
    assert found["statuses"] == {"200": 5}
    assert "no-answer" not in found["refused"]
    assert sum(found["refused"].values()) == 4


def test_why_there_was_no_answer(server: Scripted, tmp_path: Path) -> None:
    """As seen from here: whoever gets the file reads the same."""
    server.listing("/a/one", "/a/forbidden")
    server.article("/a/one")
    server.definition(tmp_path)

    def seen(*more: object) -> str:
        (tmp_path / "t.zip").unlink(missing_ok=True)
        out = look(server, tmp_path, "--report", "t.zip", *more).out
        again = citynews("portals", "trial", "--from", "t.zip", "--json", cwd=tmp_path, code=None).out
        assert json.loads(again)["portals"] == json.loads(out)["portals"]
        return out

    server.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /a/forbidden\n")
    assert json.loads(seen())["portals"][0]["refused"] == {"robots": 1}
    server.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n")
    assert f"{server.base}/ robots.txt forbids it" in seen()
    server.pages["/robots.txt"] = Answer(b"", 503)
    assert "not requested: robots.txt answers 503" in seen()
    server.pages["/robots.txt"] = Answer(status=404)
    server.pages["/"] = Answer(b"")
    assert f"{server.base}/ answers 200 without a page: correct it" in seen()
    path = tmp_path / "scripted.toml"
    path.write_text(path.read_text("utf-8").replace(server.base, "http://localhost:1"), "utf-8")
    assert "is not at a public address" in seen()


def test_a_page_that_repeats_who_asked_is_masked(private: Path, server: Scripted, tmp_path: Path) -> None:
    agent = f"citynews (news archiver; +{CONTACT}) (for private@private.example)"
    told = f"<p>You are {agent}, key private-key</p></article>".encode()
    body = page("The blocked visitor", story("the visitor")).replace(b"</article>", told)
    server.pages["/a/wall"] = Answer(gzip.compress(body), headers={"Content-Encoding": "gzip", "X-Seen": agent})
    done = look(server, tmp_path, "--report", "t.zip")
    assert f"{server.base}/a/wall: what it repeats of who asked is left out" in done.err
    with zipfile.ZipFile(tmp_path / "t.zip") as package:
        plain = gzip.decompress(package.read("captures.warc.gz"))
    assert b"private" not in plain
    assert b"You are citynews (news archiver; +xxxxx" in plain
    (found,) = json.loads(done.out)["portals"]
    assert found["articles"] == 4


def test_a_look_at_nothing_is_not_well(server: Scripted, tmp_path: Path) -> None:
    server.definition(tmp_path, discover='urls = ["file:nowhere.txt"]')
    for command in ("trial", "check"):
        done = citynews("portals", command, "scripted", "--portals", "scripted.toml", code=3, cwd=tmp_path)
        assert "file:nowhere.txt cannot be read: No such file" in done.out


def test_a_definition_that_is_there_only_gets_the_day(sample_sites: SampleSites, tmp_path: Path) -> None:
    trial(sample_sites, tmp_path, METRO, CHENGSHI, "--report", "t.zip")
    (there := tmp_path / "there").mkdir()
    text = (sample_sites.folder / f"{METRO}.toml").read_text("utf-8")
    (there / f"{METRO}.toml").write_text(f"# mine\n{text}", "utf-8")
    other = (sample_sites.folder / f"{CHENGSHI}.toml").read_text("utf-8").replace("delay = 0", "delay = 7")
    (there / f"{CHENGSHI}.toml").write_text(other, "utf-8")
    done = citynews("portals", "trial", "--from", "t.zip", "--write", "there", cwd=tmp_path)
    written = (there / f"{METRO}.toml").read_text("utf-8")
    assert written.startswith("# mine\n")
    assert "last_seen = " in written
    assert (there / f"{CHENGSHI}.toml").read_text("utf-8") == other
    assert f"{CHENGSHI}: not written: there/{CHENGSHI}.toml differs from the definition of the trial" in done.err


def test_what_is_no_trial(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as package:
        package.writestr("trial.json", '{"schema": "citynews/trial/9", "articles": 1, "portals": []}')
    for name in ("a.zip", "b.zip", "none.zip"):
        assert "not a trial" in citynews("portals", "trial", "--from", name, code=2, cwd=tmp_path).err
    assert "one of these" in citynews("portals", "trial", code=2, cwd=tmp_path).err
    assert "one of these" in citynews("portals", "trial", "--all", "--from", "a.zip", code=2, cwd=tmp_path).err


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.toml"))[::7], ids=lambda path: path.stem)
def test_last_seen_is_set_in_any_definition(path: Path) -> None:
    text = path.read_text("utf-8")
    for definition in (text, "\n".join(line for line in text.splitlines() if not line.startswith("last_seen"))):
        changed = portals.parse(seen_on(definition, "2026-11-26"), path.stem, path.parent)
        assert changed.last_seen == "2026-11-26"
        assert changed.rules == portals.parse(text, path.stem, path.parent).rules
