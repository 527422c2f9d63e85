"""The servers speak HTTP as real ones do."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from crawler.samples import NAMES, Samples, stories

from .client import ask

_METRO = stories("sample-metro")[-1].path


@pytest.mark.parametrize("name", NAMES)
def test_head_has_the_headers_of_get(samples: Samples, name: str) -> None:
    base = samples.base[name]
    for path in (stories(name)[0].path, "/robots.txt", "/no/such/page"):
        head, get = ask(base, path, method="HEAD"), ask(base, path)
        assert head.body == b""
        assert (head.status, head.headers | {"Date": ""}) == (get.status, get.headers | {"Date": ""})
        assert int(get.headers["Content-Length"]) == len(get.body)


@pytest.mark.parametrize("name", NAMES)
def test_gzip_when_asked(samples: Samples, name: str) -> None:
    base, path = samples.base[name], stories(name)[0].path
    plain = ask(base, path)
    packed = ask(base, path, {"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert "Content-Encoding" not in ask(base, path, {"Accept-Encoding": "gzip;q=0, br"}).headers


def test_validators_and_304(samples: Samples) -> None:
    base = samples.base["sample-metro"]
    first = ask(base, _METRO)
    for known in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-None-Match": f'"other", {first.headers["ETag"]}'},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = ask(base, _METRO, known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Content-Type" not in again.headers
    for stale in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert ask(base, _METRO, stale).status == 200


def test_each_portal_has_validators_of_its_own_kind(samples: Samples) -> None:
    kinds = {name: ask(samples.base[name], stories(name)[0].path).headers.keys() for name in NAMES}
    assert not {"ETag", "Last-Modified"} & kinds["sample-zhihui"]
    assert {"ETag", "Last-Modified"} & kinds["sample-chengshi"] == {"Last-Modified"}
    assert {"ETag", "Last-Modified"} <= kinds["sample-metro"]


def test_same_bytes_in_every_run(samples: Samples, fresh: Samples) -> None:
    """Apart from the port, which stands in absolute addresses."""
    for name in NAMES:
        one, other = samples.base[name], fresh.base[name]
        for path in ("/", *(s.path for s in stories(name)[::7])):
            assert ask(one, path).body.replace(one.encode(), b"") == ask(other, path).body.replace(other.encode(), b"")


def test_keep_alive(samples: Samples) -> None:
    connection = HTTPConnection(samples.base["sample-zhihui"].removeprefix("http://"), timeout=60)
    connection.connect()
    socket = connection.sock
    for story in stories("sample-zhihui")[:5]:
        connection.request("GET", story.path)
        assert len(connection.getresponse().read()) > 1000
        assert connection.sock is socket
    connection.close()


def test_many_at_once(samples: Samples) -> None:
    asked = [(name, s.path) for name in NAMES for s in stories(name)] * 4
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda pair: (pair, ask(samples.base[pair[0]], pair[1])), asked))
    bodies: dict[tuple[str, str], set[bytes]] = {}
    for pair, answer in answers:
        assert answer.status == 200
        bodies.setdefault(pair, set()).add(answer.body)
    assert all(len(found) == 1 for found in bodies.values())


def test_counter_rises_when_asked(fresh: Samples) -> None:
    base = fresh.base["sample-chengshi"]
    story = next(s for s in stories("sample-chengshi") if s.view_count)
    count = story.view_count
    assert count is not None
    address = f"/plus/count.php?view=yes&aid={story.key}&mid=1"
    assert f'src="{address}"' in ask(base, story.path).text
    assert [ask(base, address).body for _ in range(3)] == [
        f"document.write('{n}');\r\n".encode() for n in range(count, count + 3)
    ]
    assert ask(base, f"/plus/count.php?aid={story.key}&mid=1").body == b""  # counts all the same
    assert ask(base, address).body == f"document.write('{count + 4}');\r\n".encode()
    assert ask(base, "/plus/count.php?view=yes&aid=999999&mid=1").body == b""
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: ask(base, address).body, range(40)))
    assert len(set(seen)) == 40


def test_no_counter_where_none_is_printed(samples: Samples) -> None:
    story = next(s for s in stories("sample-chengshi") if s.view_count is None)
    assert "count.php" not in ask(samples.base["sample-chengshi"], story.path).text


def test_other_methods_are_refused(samples: Samples) -> None:
    assert ask(samples.base["sample-metro"], "/", method="POST").status == 501
