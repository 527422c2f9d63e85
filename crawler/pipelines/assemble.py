"""Extraction: a visit becomes an article, or a refusal with its reason."""

from __future__ import annotations

from crawler.assembly import Visit, assemble


class AssemblePipeline:
    """Extracts title, source, time, view count, body and links from the captures of a visit."""

    def process_item(self, visit: Visit) -> Visit:
        if visit.result is None:  # replay extracts in other processes
            visit.result = assemble(visit)
        return visit
