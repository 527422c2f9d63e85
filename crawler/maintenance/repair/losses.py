"""The losses of a repair: the new files are compared once more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Paths
from crawler.maintenance.repair.record_lookup import RecordLookup
from crawler.maintenance.verify import Findings, warc_files, workers
from crawler.maintenance.verify.cross_checks import compare
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.manifest import RunChain
from crawler.maintenance.verify.workers import VerifyTask


class _Plan(Protocol):
    paths: Paths
    chain: RunChain
    now: dict[str, Path]
    gone: set[str]


def find(work: _Plan, files: Mapping[str, Path], lookup: RecordLookup, scratch: Path) -> Json:
    """Lines that decisions say and nobody has, records that lines name, decisions that lines need."""
    months = {work.paths.logical(path): path for path in work.paths.stream_files()}
    months |= {path: new for path, new in work.now.items() if not path.startswith("warc/")}
    found = [VerifyTask("lines", path, name, 0, RunChain()) for name, path in months.items() if name not in work.gone]
    found += [VerifyTask("warc", path, name, 0, RunChain()) for name, path in files.items()]
    findings, notes = Findings(), CrossIndex(scratch / "losses.sqlite3")
    unpacked = scratch / "unpacked"
    unpacked.mkdir(exist_ok=True)
    sources = warc_files.locate(work.paths, work.chain.sources, (), findings, unpacked)
    work.chain.known.unseen = bool(findings.damage)  # what a source holds that is not there is not lost
    own = work.paths.warc_files().keys() | files.keys()
    found += [VerifyTask("warc", path, name, 0, RunChain()) for name, path in sources.items() if name not in own]
    for task in found:
        workers.do(task, work.paths.root, notes, findings)
    findings = Findings()
    compare(notes, findings, work.chain.known, decided=bool(files), unfinished=set())
    notes.close()
    lost: Json = {"lines": [], "records": [], "decisions": []}
    noted: set[str] = set()
    for finding in findings.damage:
        if finding.key.startswith("<"):
            if finding.key not in noted:
                noted.add(finding.key)
                lost["records"].append({"record_id": finding.key, "url": lookup.url_of(finding.key)})
        elif finding.kind == "missing":
            lost["lines"].append({"sha256": finding.key, "path": finding.file, **lookup.says(finding.key)})
        elif finding.kind == "line" and finding.key:
            lost["decisions"].append({"sha256": finding.key, "path": finding.file})
    return lost
