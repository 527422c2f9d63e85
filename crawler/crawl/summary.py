"""The summary of a crawl as text, for `citynews crawl` and `scrapy crawl`."""

from __future__ import annotations

from pathlib import Path

from crawler.archive.records.jsonl import Json


def closing_lines(end: str, code: int, output: Path, head: str | None) -> list[str]:
    """How a run ended: *end* names it, *code* is its exit code, *head* the head of the archive after it."""
    lines = [f"{end}: exit {code}, archive in {output}"]
    return [*lines, f"head of the archive: {head}"] if head else lines


def counts_line(stats: Json) -> str:
    """A portal's counts in one line."""
    outcomes = ", ".join(f"{count} {name}" for name, count in stats["outcomes"].items()) or "nothing new"
    bad = {**stats["drops"], **stats["failures"], **{f"beyond {k}": v for k, v in stats["limits"].items()}}
    notes = f" ({', '.join(f'{name} {count}' for name, count in bad.items())})" if bad else ""
    refused = f", {count} refused before" if (count := stats.get("refused_before")) else ""
    return f"{stats['requests']} requests, {stats['seen']} found, {stats['known']} known{refused}, {outcomes}{notes}"
