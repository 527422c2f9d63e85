"""All pipelines as one function, without Scrapy's engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crawler.archive.records.decisions import Decision
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.assemble import AssemblePipeline
from crawler.pipelines.deduplicate import DeduplicatePipeline
from crawler.pipelines.fix import Fix, FixPipeline
from crawler.pipelines.normalise import NormalisePipeline
from crawler.pipelines.store import StorePipeline
from crawler.pipelines.validate import ValidatePipeline

#: What becomes of a visit: itself and its decision, as an item that passed all pipelines.
Process = Callable[[Visit], tuple[Visit, Decision]]


def chain(archive: ArchiveWriter, fixes: Mapping[str, Fix] | None = None) -> Process:
    """The whole chain over *archive* as one function; *fixes*: the operator's corrections, by portal."""
    return _in_turn(
        [
            AssemblePipeline(),
            FixPipeline(fixes or {}),
            NormalisePipeline(),
            ValidatePipeline(),
            DeduplicatePipeline(archive),
            StorePipeline(archive),
        ]
    )


def decide_and_store(archive: ArchiveWriter) -> Process:
    """The end of the chain over *archive*, for visits whose values are those of an archived line."""
    return _in_turn([DeduplicatePipeline(archive), StorePipeline(archive)])


def _in_turn(stages: list[Any]) -> Process:
    def process(visit: Visit) -> tuple[Visit, Decision]:
        item: Any = visit
        for stage in stages:
            item = stage.process_item(item)
        decided: tuple[Visit, Decision] = item
        return decided

    return process
