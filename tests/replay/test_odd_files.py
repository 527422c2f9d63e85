"""WARC files of odd shapes: read where they can be, else left out by a reason that is counted and said."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from crawler.archive.storage.layout import Paths
from crawler.archive.warc.named_fields import digest_key
from crawler.exit_codes import Exit, UsageError
from crawler.maintenance import verify
from crawler.replay import session
from harness import disk
from harness.command import citynews
from harness.scripted import page, story

BASE = "https://news.example.org/a/"
HTML = "text/html; charset=utf-8"
Fields = dict[str, str]


def body(name: str) -> bytes:
    return page(f"The story of {name}", story(name))


def http(name: str, content: bytes | None = None, *headers: str, first: str = "HTTP/1.1 200 OK") -> bytes:
    head = [*([first] if first else []), f"Content-Type: {HTML}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + (body(name) if content is None else content)


def record(
    name: str,
    block: bytes | None = None,
    more: Fields | None = None,
    *,
    end: bytes = b"\r\n\r\n",
    line: str = "\r\n",
    **changes: str,
) -> bytes:
    """A response record about *name*; *changes* of its fields: underscores are dashes, an empty one goes."""
    block = http(name) if block is None else block
    fields = {
        "WARC-Type": "response", "WARC-Record-ID": f"<urn:uuid:{name}>", "WARC-Date": "2024-05-11T08:00:00Z",
        "WARC-Target-URI": BASE + name, "Content-Type": "application/http; msgtype=response",
    } | {key.replace("_", "-"): value for key, value in (changes | (more or {})).items()}  # fmt: skip
    lines = [
        "WARC/1.0",
        *(f"{key}: {value}" for key, value in fields.items() if value),
        f"Content-Length: {len(block)}",
    ]
    return (line.join(lines) + line * 2).encode() + block + end


def three(**changes: Any) -> list[bytes]:
    return [record(name, **changes) for name in ("one", "two", "three")]


def packed(records: list[bytes]) -> bytes:
    return b"".join(map(gzip.compress, records))


def definition(folder: Path) -> Path:
    path = folder / "other.toml"
    path.write_text(
        'name = "other"\ntitle = "Other"\nhome = "https://news.example.org/"\ndomains = ["news.example.org"]\n'
        'language = "en"\ntimezone = "UTC"\n[discover]\npages = ["https://news.example.org/"]\n'
        'article_urls = ["/a/"]\n',
        "utf-8",
    )
    return path


def replayed(source: Path, output: Path) -> session.ReplayReport:
    """The replay balances, writes its balance down, and verify finds the result whole."""
    done = session.replay([source], output, overrides=[definition(output.parent)])
    assert verify.verify(Paths(output)).damage == []
    assert sum(done.balance["read"].values()) == done.balance["used"] + sum(done.balance["left_out"].values())
    assert disk.runs(output)[-1]["balance"] == done.balance
    return done


def put(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


SHAPES: dict[str, Callable[[], bytes]] = {
    "heads-with-line-feeds": lambda: packed(three(line="\n")),
    "lines-in-lower-case": lambda: packed([record.replace(b"WARC-Type", b"warc-type") for record in three()]),
    "folded": lambda: packed([record.replace(b"WARC-Date: ", b"WARC-Date:\r\n\t") for record in three()]),
    "no-content-type": lambda: packed(three(Content_Type="")),
    "addresses-in-upper-case": lambda: packed(
        [record(name, WARC_Target_URI="HTTPS://NEWS.EXAMPLE.ORG/a/" + name) for name in ("one", "two", "three")]
    ),
    "ids-without-brackets": lambda: packed(
        [record(name, WARC_Record_ID=f"urn:uuid:{name}") for name in ("one", "two", "three")]
    ),
    "dates-of-a-day": lambda: packed(three(WARC_Date="2024-05-11")),
    "dates-of-nanoseconds": lambda: packed(three(WARC_Date="2024-05-11T08:00:00.123456789Z")),
    "one-line-end-between": lambda: b"".join(three(end=b"\r\n")),
    "line-feeds-throughout": lambda: b"".join(three(end=b"\n\n", line="\n")),
    "zeros-behind": lambda: b"".join(three()) + bytes(3000),
    "zeros-behind-members": lambda: packed(three()) + bytes(3000),
    "zstd": lambda: b"".join(map(zstd.compress, three())),
    "resources": lambda: packed(
        [record(name, body(name), WARC_Type="resource", Content_Type=HTML) for name in ("one", "two", "three")]
    ),
    "zstd-bodies": lambda: packed(
        [
            record(name, http(name, zstd.compress(body(name)), "Content-Encoding: zstd"))
            for name in ("one", "two", "three")
        ]
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["crawl.warc.gz", "CRAWL.WARC", "part-of-it"])
def test_three_pages_of_any_shape_under_any_name(shape: str, name: str, tmp_path: Path) -> None:
    done = replayed(put(tmp_path / "in", name, SHAPES[shape]()), tmp_path / "out")
    assert (done.exit, done.balance["used"]) == (Exit.OK, 3)
    records = disk.records(tmp_path / "out", "articles")
    assert sorted(record["title"] for record in records) == [f"The story of {name}" for name in ("one", "three", "two")]
    assert [record["incomplete"] for record in records] == [[]] * 3


def test_zstd_with_a_dictionary(tmp_path: Path) -> None:
    data = body("dictionary")
    words = zstd.ZstdDict(data, is_raw=True)
    frame = b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data
    records = b"".join(zstd.compress(one, zstd_dict=words) for one in three())
    file = put(tmp_path / "in", "x.warc.zst", frame + records)
    assert replayed(file, tmp_path / "out").balance["used"] == 3


LEFT_OUT: dict[str, tuple[dict[str, str], bytes | None]] = {
    "no-record-id": ({"WARC_Record_ID": ""}, None),
    "date-missing": ({"WARC_Date": ""}, None),
    "date-unreadable": ({"WARC_Date": "20240511080000"}, None),
    "no-web-address": ({"WARC_Target_URI": "dns:news.example.org"}, None),
    "address-unusable": ({"WARC_Target_URI": "https://news.example.org:99999999/a/x"}, None),
    "not-http": ({"Content_Type": "text/html"}, None),
    "no-status-line": ({}, http("odd", first="")),
    "status-206": ({}, http("odd", first="HTTP/1.1 206 Partial Content")),
    "status-404": ({}, http("odd", first="HTTP/1.1 404 Not Found")),
    "not-html": ({}, http("odd").replace(b"text/html", b"image/png")),
    "type-conversion": ({"WARC_Type": "conversion", "Content_Type": HTML}, body("odd")),
    "not-an-article": ({"WARC_Target_URI": "https://news.example.org/list"}, None),
    "unclaimed": ({"WARC_Target_URI": "https://other.example/a/x"}, None),
    "continues-nothing": ({"WARC_Type": "continuation", "WARC_Segment_Number": "2"}, b"rest"),
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_a_record_that_is_left_out_has_a_reason_and_the_others_are_read(reason: str, tmp_path: Path) -> None:
    changes, block = LEFT_OUT[reason]
    file = put(tmp_path / "in", "x.warc.gz", packed([*three(), record("odd", block, changes)]))
    done = replayed(file, tmp_path / "out")
    assert done.balance["left_out"] == {reason: 1}
    assert done.balance["used"] == 3


def test_what_is_cut_is_never_whole(tmp_path: Path) -> None:
    zipped = gzip.compress(body("gz"))
    chunks = b"%x\r\n%b\r\n" % (len(body("chunk")), body("chunk"))
    file = put(tmp_path / "in", "x.warc.gz", packed([
        record("cut", WARC_Truncated="length"),
        record("gz", http("gz", zipped[: len(zipped) * 9 // 10], "Content-Encoding: gzip")),
        record("chunk", http("chunk", chunks, "Transfer-Encoding: chunked")),
        record("begun", http("begun")[:-200], WARC_Segment_Number="1"),
        record("whole"),
    ]))  # fmt: skip
    replayed(file, tmp_path / "out")
    found = {
        record["url"].rpartition("/")[2]: record["incomplete"] for record in disk.records(tmp_path / "out", "articles")
    }
    assert found == {name: ["truncated"] for name in ("cut", "gz", "chunk", "begun")} | {"whole": []}


def test_segments_are_joined(tmp_path: Path) -> None:
    block = http("long")
    parts = [block[:300], block[300:700], block[700:]]
    first = record("long", parts[0], WARC_Segment_Number="1")
    more = [
        record(f"part-{number}", part, {"WARC_Segment_Total_Length": "1"} if number == 3 else {},
               WARC_Type="continuation", WARC_Segment_Number=str(number), WARC_Segment_Origin_ID="<urn:uuid:long>")
        for number, part in enumerate(parts[1:], 2)
    ]  # fmt: skip
    replayed(put(tmp_path / "in", "x.warc.gz", packed([first, more[1], more[0]])), tmp_path / "out")
    (found,) = disk.records(tmp_path / "out", "articles")
    assert found["incomplete"] == []
    assert found["body"] == disk_body(tmp_path, "long")


def disk_body(tmp_path: Path, name: str) -> str:
    """The text of *name* as it comes out of an ordinary file."""
    replayed(put(tmp_path / "in", "plain.warc.gz", packed([record(name)])), tmp_path / "plain")
    return str(disk.records(tmp_path / "plain", "articles")[0]["body"])


@pytest.mark.parametrize("write", ["b32", "hex", "lower", "b64", "none"])
def test_a_revisit_finds_its_original_by_whatever_digest(write: str, tmp_path: Path) -> None:
    sha1 = hashlib.sha1(body("one"), usedforsecurity=False).digest()
    forms = {
        "b32": "sha1:" + base64.b32encode(sha1).decode(), "hex": "SHA1:" + sha1.hex(),
        "lower": "sha1:" + base64.b32encode(sha1).decode().lower(), "b64": "sha-1:" + base64.b64encode(sha1).decode(),
    }  # fmt: skip
    again = record("again", http("one", b""), WARC_Type="revisit", WARC_Payload_Digest=forms["b32"],
                   WARC_Date="2024-05-12T08:00:00Z", WARC_Target_URI=BASE + "one",
                   WARC_Profile="http://netpreserve.org/warc/1.0/revisit/identical-payload-digest")  # fmt: skip
    file = put(tmp_path / "in", "x.warc.gz", packed([record("one", WARC_Payload_Digest=forms.get(write, "")), again]))
    assert replayed(file, tmp_path / "out").unresolved == 0
    assert [row["outcome"] for row in disk.records(tmp_path / "out", "observations")] == ["new", "unchanged"]
    assert {digest_key(form) for form in forms.values()} == {"sha1:" + sha1.hex()}


def test_a_later_404_says_that_an_article_is_gone(tmp_path: Path) -> None:
    gone = [
        record("late", http("x", first="HTTP/1.1 404 Not Found"), WARC_Target_URI=BASE + name, WARC_Date="2024-06-01")
        for name in ("one", "never")
    ]
    file = put(tmp_path / "in", "x.warc.gz", packed([*three(), *gone]))
    done = replayed(file, tmp_path / "out")
    seen = sorted(disk.records(tmp_path / "out", "observations"), key=lambda row: str(row["observed_at"]))
    assert [row["outcome"] for row in seen if row["url"] == BASE + "one"] == ["new", "gone"]
    assert len(seen) == 4
    assert done.balance["left_out"] == {"status-404": 1}


def test_plain_files_are_read_on_both_sides_of_a_tear(tmp_path: Path) -> None:
    records = [record(name) for name in ("one", "two", "three", "four")]
    for torn in range(4):
        data = bytearray(b"".join(records))
        data[sum(map(len, records[:torn])) + 1] ^= 4
        done = replayed(put(tmp_path / "in", f"{torn}.warc", bytes(data)), tmp_path / f"out-{torn}")
        assert len(disk.records(tmp_path / f"out-{torn}", "articles")) == 3
        assert done.exit == Exit.DAMAGED
        assert len(done.damaged) == 1


def test_packages_of_packages_of_one_name_and_of_wrong_digests(tmp_path: Path) -> None:
    inner = tmp_path / "inner.wacz"
    with zipfile.ZipFile(inner, "w") as package:
        package.writestr("archive/x/a.warc.gz", gzip.compress(record("one")))
        package.writestr("archive/y/a.warc.gz", gzip.compress(record("two")))
        package.writestr("archive/b.warc.zst", zstd.compress(record("three")))
    outer = tmp_path / "outer.wacz"
    with zipfile.ZipFile(outer, "w") as package:
        package.write(inner, "inner.wacz")
        resources = [{"path": "inner.wacz", "hash": "sha256:" + hashlib.sha256(b"another").hexdigest()}]
        package.writestr("datapackage.json", json.dumps({"resources": resources}))
    assert replayed(inner, tmp_path / "of-inner").balance["used"] == 3
    done = replayed(outer, tmp_path / "of-outer")
    assert done.balance["used"] == 3
    assert ["datapackage.json" in sentence for sentence in done.damaged] == [True]


@pytest.mark.parametrize("pack", [packed, b"".join], ids=["gzip", "plain"])
def test_a_file_that_begins_with_what_cannot_be_read(pack: Callable[[list[bytes]], bytes], tmp_path: Path) -> None:
    first, *others = three()
    name = "crawl.warc.gz" if pack is packed else "crawl.warc"
    for number, begin in enumerate((first.replace(b"WARC/1.0", b"XARC/1.0"), b"x" * 100_000)):
        done = replayed(put(tmp_path, name, pack([begin, *others])), tmp_path / str(number))
        assert len(disk.records(tmp_path / str(number), "articles")) == 2
        assert len(done.damaged) == 1
        assert done.exit == Exit.DAMAGED


def test_a_member_with_more_than_its_record_costs_nothing_behind_it(tmp_path: Path) -> None:
    """A length that is too small, and two records in one member far behind: both are said, what follows is read."""
    one, two, three_ = three()
    length = f"Content-Length: {len(http('one'))}".encode()
    far = [record(f"padding-{number}", WARC_Type="metadata") for number in range(3)]
    begins = (
        gzip.compress(one.replace(length, b"Content-Length: 700")),
        packed(far) + gzip.compress(one + record("x")),
    )
    for number, begin in enumerate(begins):
        data = begin + packed([two, three_])
        done = replayed(put(tmp_path, "x.warc.gz", data), tmp_path / str(number))
        assert len(done.damaged) == 1
        articles = disk.records(tmp_path / str(number), "articles")
        assert sorted(record["url"] for record in articles) == [BASE + name for name in ("one", "three", "two")]
        assert "for the last time on Friday" in next(
            record["body"] for record in articles if record["url"] == BASE + "one"
        )


def test_records_that_share_a_member_are_read_as_if_they_did_not(tmp_path: Path) -> None:
    one, two, three_ = three()
    info = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    together = b"".join((one, two, three_))
    shapes = {
        "all.warc.gz": gzip.compress(info + together),
        "behind-the-first.warc.gz": gzip.compress(info) + gzip.compress(together),
        "two-files.warc.gz": gzip.compress(one + two) + gzip.compress(three_ + info),
        "padded.warc.gz": gzip.compress(one + two) + gzip.compress(three_) + bytes(512),
        "frame.warc.zst": zstd.compress(together),
        "frames.warc.zst": zstd.compress(info) + zstd.compress(one + two) + zstd.compress(three_),
    }
    for number, (name, data) in enumerate(shapes.items()):
        done = replayed(put(tmp_path / "in", name, data), tmp_path / str(number))
        assert (done.balance["used"], done.damaged) == (3, []), name
        assert citynews("verify", "--output", tmp_path / str(number), "--json").summary["checked"]["records"] == 3


def test_a_torn_member_of_several_records(tmp_path: Path) -> None:
    """What was unpacked before the tear is used, and so are the members behind it."""
    one, two, three_ = three()
    first = gzip.compress(one + two + record("lost", os.urandom(5000).hex().encode()))
    for number, data in enumerate((first[:-2000] + gzip.compress(three_), first[:-2000])):
        done = replayed(put(tmp_path, "x.warc.gz", data), tmp_path / str(number))
        assert done.balance["used"] == 3 - number
        assert done.exit == Exit.DAMAGED
        assert "could not be unpacked" in done.damaged[0]


def test_a_damaged_dictionary_of_zstd_is_said(tmp_path: Path) -> None:
    raw = b"".join(three())[:900]
    trained = zstd.train_dict([raw[begin : begin + 300] for begin in range(0, 600, 5)] * 5, 1000)
    frames = b"".join(zstd.compress(record, zstd_dict=trained) for record in three())
    flipped = bytearray(trained.dict_content)
    flipped[9] ^= 0xFF

    def framed(data: bytes) -> bytes:
        return b"\x5d\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data

    shapes = {
        "flipped": framed(bytes(flipped)) + frames,
        "cut": framed(trained.dict_content)[:500],
        "too short": framed(zstd.compress(b"short")) + frames,
        "not zstd": framed(b"\x28\xb5\x2f\xfd" + bytes(40)) + frames,
    }
    for number, (name, data) in enumerate(shapes.items()):
        done = replayed(put(tmp_path / "in", "x.warc.zst", data), tmp_path / str(number))
        assert (done.exit, done.balance["used"]) == (Exit.DAMAGED, 0), name
        assert done.damaged, name


def test_a_revisit_of_a_revisit(tmp_path: Path) -> None:
    refers = {"WARC-Refers-To-Target-URI": BASE + "one"}
    again = [
        record(
            f"again-{day}", http("one", b""), refers | {"WARC-Refers-To-Date": f"2024-05-{day - 1}T08:00:00Z"},
            WARC_Type="revisit", WARC_Date=f"2024-05-{day}T08:00:00Z", WARC_Target_URI=BASE + "one",
        )
        for day in (14, 13, 12)
    ]  # fmt: skip
    done = replayed(put(tmp_path, "x.warc.gz", packed([*again, record("one")])), tmp_path / "out")
    assert done.balance["left_out"] == {}
    assert [row["outcome"] for row in disk.records(tmp_path / "out", "observations")] == ["new", *["unchanged"] * 3]


def test_what_is_no_warc_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder, "x.warc.gz.part", packed(three()))
    put(folder, "x.cdxj", b"")
    put(folder, "y.har", b"{}")
    put(folder, "z.arc.gz", gzip.compress(b"filedesc://z.arc 0.0.0.0 20240101000000 text/plain 9\n"))
    done = citynews("replay", folder, "--portals", definition(tmp_path), "--output", tmp_path / "out", "--json")
    skipped = done.summary["balance"]["skipped_files"]
    assert [Path(name.partition(" ")[0]).name for name in skipped] == ["y.har", "z.arc.gz"]
    assert "warcio recompress" in done.err
    assert "records read: 3 response; used 3; left out: none" in done.err
    for name, words in (("y.har", "not a WARC file"), ("z.arc.gz", "warcio recompress")):
        with pytest.raises(UsageError, match=words):
            session.replay([folder / name], tmp_path / "none", overrides=[])


def test_a_copy_that_was_seen_twice_has_one_line(tmp_path: Path) -> None:
    pages = [
        record(f"{name}-{day}", http("same"), WARC_Target_URI=BASE + name, WARC_Date=f"2024-05-{day}")
        for name, day in (("one", 11), ("copy", 12), ("copy", 13))
    ]
    replayed(put(tmp_path / "in", "x.warc.gz", packed(pages)), tmp_path / "out")
    outcomes = [row["outcome"] for row in disk.records(tmp_path / "out", "observations")]
    assert outcomes == ["new", "duplicate", "unchanged"]
