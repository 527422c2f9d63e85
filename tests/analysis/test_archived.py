"""Archived pages made safe, and captures looked up by address; tests/browser shows such pages to a real browser."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

from crawler.analysis.browse.archived import css, made_safe, resource_address
from crawler.archive.read.lookup import nearest
from crawler.archive.read.reader import Reader
from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter

HERE = resource_address("/key/resource", "20260101000000")
HOSTILE = (Path(__file__).parents[1] / "browser" / "hostile.html").read_text("utf-8")
_LEADING = (
    "src",
    "href",
    "data",
    "action",
    "formaction",
    "poster",
    "background",
    "srcset",
    "ping",
    "content",
    "srcdoc",
)


def _texts(pair: tuple[object, object]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def asked(made: str) -> list[str]:
    """Attributes of the page that would be asked for, or led to: but those of captures here."""
    return [
        f"{element.tag} {name}={value!r}"
        for element in html.document_fromstring(made).iter() if isinstance(element.tag, str)
        for name, value in map(_texts, element.attrib.items())
        if name in _LEADING and not value.startswith(("/key/resource?", "data:image/"))
    ]  # fmt: skip


def test_nothing_of_a_hostile_page_is_left() -> None:
    made = made_safe(HOSTILE.encode(), "text/html", "https://hostile.example/news/1.html", HERE).decode("utf-8-sig")
    assert asked(made) == []
    assert not re.search(r"<(?:script|iframe|object|embed|base|meta|link|video|audio|source)\b", made)
    assert not re.search(r"\son\w+\s*=", made)
    assert "来自外面的一页" in made
    assert made.count("第") >= 4
    assert re.findall(r"@import url\(\"(?!/key/resource)", made) == []


def test_pages_that_are_cut_anywhere_and_shuffled() -> None:
    rng = random.Random(8)
    pieces = re.split(r"(?<=>)", HOSTILE)
    for _ in range(300):
        text = "".join(rng.sample(pieces, k=rng.randrange(1, len(pieces))))[: rng.randrange(20, 4000)]
        made = made_safe(text.encode(), "text/html", "https://hostile.example/", HERE).decode("utf-8-sig")
        assert asked(made) == [], text
        assert html.document_fromstring(made).xpath("//script | //iframe | //object | //embed | //base | //meta") == []


@pytest.mark.parametrize(
    ("body", "media"),
    [(b"\x00\xff<script>", "application/pdf"), (b'{"a": "<script>"}', "application/json"), (b"", "text/html"),
     (b"<!-- -->", "text/html"), ("<p>智慧城市</p>".encode("gbk"), "text/html; charset=gbk"), (b"\x1b\x01<p>x", "")],
)  # fmt: skip
def test_whatever_was_sent_is_shown(body: bytes, media: str) -> None:
    made = made_safe(body, media, "https://hostile.example/", HERE).decode("utf-8-sig")
    assert "<script" not in made
    assert ("智慧城市" in made) == (b"\xd6\xc7" in body)


def test_addresses_in_styles() -> None:
    base = "https://a.example/css/x.css"
    assert css("a { background: url('../i.png') }", base, lambda url: f"<{url}>") == (
        'a { background: url("<https://a.example/i.png>") }'
    )
    assert css('@import "b.css" screen; @import url(c.css);', base, lambda url: f"<{url}>") == (
        '@import url("<https://a.example/css/b.css>") screen; @import url("<https://a.example/css/c.css>");'
    )
    assert css("a { b: url(javascript:x) } c { d: url(data:image/png;base64,AA==) }", base, lambda url: url) == (
        "a { b: none } c { d: url(data:image/png;base64,AA==) }"
    )


def test_the_capture_nearest_in_time_is_found(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    urls = [f"https://x.example/{name}" for name in ("a.png", "a.png?b=1", "a.pn", "a.png2", "Z", "z/", "中.png")]
    for day in range(3):
        writer = ArchiveWriter(tmp_path)
        for url in urls:
            for status in (200, 404):
                writer.capture(Exchange.rebuilt(
                    url=url, started_at=begin + timedelta(days=day), request=request_of(url, "GET", (), b""),
                    status=status, headers=(("Content-Type", "image/png"),),
                    payload=f"{url} {day if url.endswith('2') else 'same'} {status}".encode(),
                ))  # fmt: skip
        writer.close({"exit_code": 0})
    files = Reader(tmp_path).warc_files
    for url in urls:
        for day in range(3):
            found = nearest(files, url, f"{begin + timedelta(days=day, hours=5):%Y%m%d%H%M%S}")
            assert found is not None
            assert found.payload.decode() == f"{url} {day if url.endswith('2') else 'same'} 200"
            assert found.fetched_at == f"{begin + timedelta(days=day):%Y%m%d%H%M%S}"
    for url in ("https://x.example/a.p", "https://x.example/", "https://y.example/a.png", "https://x.example/b.png"):
        assert nearest(files, url, "20260301000000") is None
