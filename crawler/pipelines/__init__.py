"""Item pipelines, one duty each: assemble -> normalise -> validate -> deduplicate -> store.

``ITEM_PIPELINES`` in settings.py names the same classes in the same order; replay calls :func:`chain`. None of them
needs an engine, and none waits: Scrapy passes an item through all of them without turning to another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crawler.archive import Archive
from crawler.assembly import Visit
from crawler.pipelines.assemble import AssemblePipeline
from crawler.pipelines.deduplicate import DeduplicatePipeline
from crawler.pipelines.normalise import NormalisePipeline
from crawler.pipelines.store import StorePipeline
from crawler.pipelines.validate import ValidatePipeline

ORDER = (AssemblePipeline, NormalisePipeline, ValidatePipeline, DeduplicatePipeline, StorePipeline)


def chain(archive: Archive) -> Callable[[Visit], None]:
    """The whole chain over *archive* as one function."""
    stages: list[Any] = [
        AssemblePipeline(),
        NormalisePipeline(),
        ValidatePipeline(),
        DeduplicatePipeline(archive),
        StorePipeline(archive),
    ]

    def process(visit: Visit) -> None:
        item: Any = visit
        for stage in stages:
            item = stage.process_item(item)

    return process
