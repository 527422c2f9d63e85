"""The WARC files of one run: opened, filled, rotated, made whole with their CDXJ."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.archive import cdxj
from crawler.archive.errors import DamagedError
from crawler.archive.exchanges import Exchange, pack_exchange
from crawler.archive.files import AppendFile, storage, sync_folder, write_whole
from crawler.archive.paths import OPEN, Paths
from crawler.archive.warcfile import Record, http_parts, new_record_id, pack, records
from crawler.article import WarcRef

MAX_SIZE = 1 << 29  #: bytes after which the next file begins


class WarcSink:
    """Writes the records of *run*. *info* is the text of each file's warcinfo record."""

    def __init__(self, paths: Paths, run: str, info: dict[str, str], max_size: int = MAX_SIZE, number: int = 0) -> None:
        self._paths, self._run, self._info, self._max_size, self._number = paths, run, info, max_size, number
        self._file: AppendFile | None = None
        self._name = ""
        self._entries: list[str] = []
        self.whole: list[Path] = []  #: files of this run that are finished, CDXJ included

    def write(self, member: bytes) -> tuple[str, int]:
        """Appends one record; returns the file's final name, relative to warc/, and the offset."""
        file = self._file
        if file is None or file.end >= self._max_size:
            file = self._next()
        return self._name, file.append(member)

    def exchange(self, exchange: Exchange) -> WarcRef:
        """Appends both records of *exchange*; returns where the response lies."""
        packed = pack_exchange(exchange)
        name, offset = self.write(packed.response)
        length = len(packed.response)
        mime = next((v for k, v in exchange.headers if k.lower() == "content-type"), "")
        self._entries.append(
            cdxj.entry(
                exchange.url,
                exchange.started_at.isoformat(),
                mime=_mime(mime),
                status=exchange.status,
                digest=packed.payload_digest,
                offset=offset,
                length=length,
                filename=name.rpartition("/")[2],
            )
        )
        assert self._file is not None
        self._file.append(packed.request)  # beside its response, whatever the size: a pair is never parted
        return WarcRef(name, offset, length, packed.record_id, packed.payload_digest)

    def sync(self) -> None:
        """Makes what was written durable."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> None:
        """Makes the open file whole: durable, CDXJ written, its name final."""
        if self._file is None:
            return
        self._file.sync()
        self._file.close()
        self.whole += finish(self._file.path, self._entries)
        self._file, self._entries = None, []

    def _next(self) -> AppendFile:
        self.close()
        now = datetime.now(UTC)
        self._name = f"{now:%Y-%m}/{self._run}-{self._number:05d}.warc.gz"
        self._number += 1
        self._file = AppendFile(self._paths.warc / (self._name + OPEN))
        made_by = {"software": f"citynews/{__version__}"}  # replay knows its own files by it
        info = {"filename": self._name.rpartition("/")[2]} | made_by | self._info
        block = "".join(f"{name}: {value}\r\n" for name, value in info.items()).encode()
        kind = "application/warc-fields"
        self._file.append(
            pack(
                "warcinfo", block, record_id=new_record_id(), date=now, content_type=kind,
                extra=(("WARC-Filename", info["filename"]),),
            )
        )  # fmt: skip
        return self._file


def finish(opened: Path, entries: list[str]) -> list[Path]:
    """Gives the whole file *opened* its final name, and its CDXJ; returns both paths."""
    final = opened.with_name(opened.name.removesuffix(OPEN))
    index = final.with_name(final.name.removesuffix(".warc.gz") + ".cdxj")
    write_whole(index, cdxj.document(entries))
    with storage(opened):
        opened.rename(final)
        sync_folder(final.parent)
    return [final, index]


def salvage(opened: Path) -> list[str]:
    """Cuts a file that was left open after its last whole record; returns its CDXJ entries."""
    entries: list[str] = []
    end = 0
    name = opened.name.removesuffix(OPEN)
    try:
        for record in records(opened):
            end = record.offset + record.length
            if record.kind == "response":
                entries.append(entry_of(record, name))
    except DamagedError:
        with storage(opened), opened.open("r+b") as file:
            file.truncate(end)
            file.flush()
    return entries


def entry_of(record: Record, filename: str) -> str:
    """The CDXJ line of a response record."""
    status, headers, _ = http_parts(record.block)
    mime = next((v for k, v in headers if k.lower() == "content-type"), "")
    return cdxj.entry(
        record.target,
        record.fields["warc-date"],
        mime=_mime(mime),
        status=status,
        digest=record.fields.get("warc-payload-digest", ""),
        offset=record.offset,
        length=record.length,
        filename=filename,
    )


def _mime(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower() or "unk"
