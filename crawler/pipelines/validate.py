"""The last look before the archive: a record that breaks the schema is refused by name, never stored."""

from __future__ import annotations

from itemadapter import ItemAdapter

from crawler.archive import schema
from crawler.article import Article, Refusal
from crawler.assembly import Visit


class ValidatePipeline:
    """Refuses articles without a title or a body, and values that are not of their type."""

    def process_item(self, visit: Visit) -> Visit:
        article = visit.result
        if isinstance(article, Article):
            if not article.body or not article.title:
                visit.result = Refusal("no-body" if not article.body else "no-title")
            elif wrong := schema.wrong_values(ItemAdapter(article).asdict()):
                visit.result = Refusal(f"invalid-{wrong[0].field}")
        return visit
