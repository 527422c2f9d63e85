"""Proves an archive whole: every byte range against the run that wrote it, every line against its WARC record.

Reads only, the index never; may run while a crawl writes. Memory is flat: what has to be compared across files goes
into a temporary SQLite file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crawler.archive.paths import Paths
from crawler.archive.verify import owners, streams, warcs
from crawler.archive.verify.findings import Finding, Findings
from crawler.archive.verify.notes import Notes

__all__ = ["Finding", "Findings", "verify"]


def verify(paths: Paths, sources: Sequence[Path] = ()) -> Findings:
    """Everything that is wrong with the archive. *sources*: where the WARC files of a replayed archive lie now."""
    findings = Findings()
    chain = owners.chain(paths, findings)
    owners.ranges(paths, chain, findings)
    with Notes() as notes:
        streams.check(paths, notes, findings)
        warcs.check(warcs.locate(paths, chain, sources, findings), notes, findings, own=paths)
        notes.compare(findings, decided=chain.crawls, unfinished=owners.since(paths, chain))
    return findings
