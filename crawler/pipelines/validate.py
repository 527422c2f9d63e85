"""The last check before the archive: a record that breaks the schema is refused with a reason, never stored."""

from __future__ import annotations

from crawler.archive.records import schema
from crawler.article import Article, Refusal, as_record
from crawler.assembly import Visit


class ValidatePipeline:
    """Refuses articles without a title or a body, and values that are not of their type."""

    def process_item(self, visit: Visit) -> Visit:
        if isinstance(visit.result, Article):
            article = visit.result
            if not article.body or not article.title:
                visit.result = Refusal("no-body" if not article.body else "no-title")
            elif wrong := schema.wrong_values(as_record(article)):
                visit.result = Refusal(f"invalid-{wrong[0].field}")
        return visit
