"""Behind a proxy, over IPv6, with headers of a definition's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.warc.record import records
from crawler.crawl.downloader.proxy import is_public_name
from harness import disk
from harness.command import Done, citynews
from harness.oddserver import certificate
from harness.proxy import Proxy
from harness.scripted import Answer, Scripted

SECRET = "operator:pass word"
_INSIDE = ("10.0.0.1", "192.168.1.1:8080", "169.254.169.254", "[::1]", "localhost", "intranet", "router.lan",
           "db.internal", "2130706433", "0x7f.1", "127.1")  # fmt: skip


@pytest.fixture
def middle() -> Iterator[Proxy]:
    with Proxy(SECRET) as running:
        yield running


def address(middle: Proxy, secret: str = "operator:pass%20word") -> str:
    return middle.address.replace("http://", f"http://{secret}@")


def fill(server: Scripted) -> None:
    server.listing("/a/one", "/a/two", "/a/three")
    for name in ("one", "two", "three"):
        server.article(f"/a/{name}")


def crawl(folder: Path, config: str, *allowed: str, code: int | None = 0) -> Done:
    (folder / "citynews.toml").write_text(config, "utf-8")
    hosts = [word for host in allowed for word in ("--allow-host", host)]
    return citynews("crawl", "scripted", "--portals", "scripted.toml", "--output", "archive", "-s", "RETRY_TIMES=0",
                    "--json", *hosts, code=code, cwd=folder, env={"http_proxy": "http://127.0.0.1:1"})  # fmt: skip


def wire_bytes(folder: Path) -> bytes:
    found = [record for path in folder.glob("archive/warc/*/*.warc.gz") for record in records(path)]
    return b"".join(record.block + repr(record.fields).encode() for record in found)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_everything_goes_through_the_proxy(scheme: str, middle: Proxy, tmp_path: Path) -> None:
    with Scripted(tls=certificate(tmp_path) if scheme == "https" else None) as server:
        fill(server)
        path = server.definition(tmp_path)
        path.write_text(path.read_text("utf-8").replace("[discover]", "verify_tls = false\n[discover]"), "utf-8")
        crawl(tmp_path, f'proxy = "{address(middle)}"', server.host)
        assert len(disk.records(tmp_path / "archive", "articles")) == 3
        expected = (
            [f"CONNECT {server.host}"] if scheme == "https" else [f"GET {server.base}{p}" for p in server.paths()]
        )
        assert set(middle.asked) == set(expected)
        assert len(server.asked) == 5
        assert not any("Proxy-Authorization" in asked.headers for asked in server.asked)
    held = wire_bytes(tmp_path)
    assert b"proxy-authorization" not in held.lower(), "the password is in no WARC file"
    assert b"warc-ip-address" not in held.lower(), "nor is the address of the proxy taken for the site's"
    citynews("verify", "--output", tmp_path / "archive")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")


def test_names_that_only_the_proxy_knows(server: Scripted, middle: Proxy, tmp_path: Path) -> None:
    """Where no name can be resolved here: what the public DNS may have goes out, nothing else does."""
    fill(server)
    server.listing("/a/one", *(f"http://{host}/a/inside" for host in _INSIDE))
    name = f"news.city-of-lamps.org:{server.server_port}"
    text = server.definition(tmp_path).read_text("utf-8").replace(server.host, name)
    inside = ", ".join(f'"{host.rpartition(":")[0] or host}"' for host in _INSIDE if not host.startswith("["))
    text = text.replace(f'domains = ["{name}"]', f'domains = ["{name}", {inside}, "::1"]')
    (tmp_path / "scripted.toml").write_text(text, "utf-8")
    middle.names["news.city-of-lamps.org"] = ("127.0.0.1", server.server_port)
    done = crawl(tmp_path, f'proxy = "{address(middle)}"')
    assert {target.split("/")[2] for target in middle.asked} == {name}
    assert done.summary["portals"]["scripted"]["drops"]["private-address"] >= len(_INSIDE) - 2
    assert done.summary["portals"]["scripted"]["outcomes"]["new"] == 1


@pytest.mark.parametrize("host", ["news.example.cn", "a.b.gov.cn", "xn--fiqs8s.cn", "www.city.info."])
def test_public_names(host: str) -> None:
    assert is_public_name(host)


@pytest.mark.parametrize(
    "host",
    ["localhost", "intranet", "a.local", "b.internal.", "1.2.3.4", "0x7f.1", "a..b", "", "x.lan", "1.127.in-addr.arpa"],
)
def test_names_of_no_public_dns(host: str) -> None:
    assert not is_public_name(host)


@pytest.mark.parametrize("scheme", ["http", pytest.param("https", marks=pytest.mark.ci)])
def test_a_dead_proxy_is_called_so(scheme: str, middle: Proxy, tmp_path: Path) -> None:
    with Scripted(tls=certificate(tmp_path) if scheme == "https" else None) as server:
        fill(server)
        server.definition(tmp_path)
        done = crawl(tmp_path, 'proxy = "http://127.0.0.1:1"', server.host, code=3)
        assert "the proxy 127.0.0.1:1 cannot be reached" in done.err
        assert set(done.summary["portals"]["scripted"]["failures"]) == {"proxy"}
        done = crawl(tmp_path, f'proxy = "{address(middle, "operator:wrong")}"', server.host, code=3)
        assert "407" in done.err
        assert "wrong" not in done.err, "the password is not repeated"
        assert set(done.summary["portals"]["scripted"]["failures"]) == {"proxy"}
        assert server.asked == []
    assert b"Proxy" not in wire_bytes(tmp_path)


def test_a_dead_site_behind_a_proxy_that_works_is_the_sites(middle: Proxy, tmp_path: Path) -> None:
    with Scripted(tls=certificate(tmp_path)) as server:
        server.definition(tmp_path)
        middle.status = 502
        done = crawl(tmp_path, f'proxy = "{address(middle)}"', server.host, code=3)
    assert set(done.summary["portals"]["scripted"]["failures"]) == {"connection"}


def test_a_portal_has_its_own_proxy_or_none(server: Scripted, middle: Proxy, tmp_path: Path) -> None:
    fill(server)
    server.definition(tmp_path)
    crawl(tmp_path, f'proxy = "{address(middle)}"\n[portal.scripted]\nproxy = ""', server.host)
    assert middle.asked == []
    crawl(tmp_path, f'proxy = "http://127.0.0.1:1"\n[portal.scripted]\nproxy = "{address(middle)}"', server.host)
    assert middle.asked


def test_the_proxy_itself_is_no_target(server: Scripted, middle: Proxy, tmp_path: Path) -> None:
    fill(server)
    port = middle.server_port
    server.listing("/a/one", f"http://127.0.0.1:{port}/a/admin")
    path = server.definition(tmp_path)
    path.write_text(path.read_text("utf-8").replace('domains = ["', f'domains = ["127.0.0.1:{port}", "'), "utf-8")
    done = crawl(tmp_path, f'proxy = "{address(middle)}"', server.host)
    assert not any("admin" in target for target in middle.asked)
    assert done.summary["portals"]["scripted"]["drops"]["private-address"]


def test_what_is_no_proxy(tmp_path: Path) -> None:
    for bad in ("socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://x:secret@/", "http://proxy"):
        (tmp_path / "citynews.toml").write_text(f'proxy = "{bad}"', "utf-8")
        said = citynews("config", code=2, cwd=tmp_path).err
        assert "citynews.toml: proxy: " in said
        assert "secret" not in said
    (tmp_path / "citynews.toml").write_text('proxy = "http://me:secret@proxy.internal:3128"', "utf-8")
    assert "secret" not in citynews("config", cwd=tmp_path).out


def test_a_host_of_ipv6_alone(tmp_path: Path) -> None:
    with Scripted("::1") as server:
        fill(server)
        server.definition(tmp_path)
        crawl(tmp_path, "", code=3)
        assert server.asked == [], "not public, not allowed"
        crawl(tmp_path, "", server.host)
        assert len(disk.records(tmp_path / "archive", "articles")) == 3
    assert "'warc-ip-address': '::1'" in wire_bytes(tmp_path).decode("utf-8", "replace").lower()
    citynews("verify", "--output", tmp_path / "archive")


def test_headers_and_a_suffix(server: Scripted, tmp_path: Path) -> None:
    fill(server)
    server.definition(
        tmp_path,
        more='[request]\nuser_agent_suffix = "(on behalf of the city library)"\nheaders = { X-Reader = "4711" }\n',
    )
    crawl(tmp_path, "", server.host)
    assert {asked.headers["X-Reader"] for asked in server.asked} == {"4711"}
    assert all(asked.headers["User-Agent"].endswith(") (on behalf of the city library)") for asked in server.asked)
    assert all(asked.headers["User-Agent"].startswith("citynews/") for asked in server.asked)


def test_a_redirect_takes_no_headers_to_other_hosts(server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/one", "/a/two")
    server.article("/a/one")
    api = f'[[discover.api]]\nurl = "{server.base}/api"\nheaders = {{ X-Token = "4712" }}\nhtml = "x"\n'
    own = '[request]\nuser_agent_suffix = "(for a library)"\nheaders = { X-Reader = "4711", Accept-Language = "zh" }\n'
    server.definition(tmp_path, more=api + own)
    with Scripted() as other:
        other.article("/a/two")
        other.pages["/api"] = Answer(b'{"x": ""}')
        for path in ("/a/two", "/api"):
            server.pages[path] = Answer(status=302, headers={"Location": f"{other.base}{path}"})
        crawl(tmp_path, "", server.host, other.host, code=None)
        assert set(other.paths()) == {"/robots.txt", "/a/two", "/api"}
        for asked in other.asked:
            assert not {"X-Reader", "X-Token"} & asked.headers.keys(), asked
            assert "library" not in asked.headers["User-Agent"]
            assert asked.headers.get("Accept-Language") != "zh"
    assert {asked.headers["X-Reader"] for asked in server.asked} == {"4711"}
    assert [asked.headers["X-Token"] for asked in server.asked if asked.path == "/api"] == ["4712"]


@pytest.mark.parametrize("header", ["Cookie", "Host", "Accept-Encoding", "If-None-Match", "Proxy-Authorization", "a b"])
def test_headers_that_are_not_free(header: str, server: Scripted, tmp_path: Path) -> None:
    server.definition(tmp_path, more=f'[request]\nheaders = {{ "{header}" = "x" }}\n')
    assert "request.headers: " in crawl(tmp_path, "", code=2).err
