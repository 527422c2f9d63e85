"""What a crawl is measured against: `scrapy runspider spider.py -a base=URL [-a fields=all]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse


class Spider(scrapy.Spider):
    """Yields the title of each article; with *fields* all that citynews reads, for this one site, and keeps nothing."""

    name = "spider"

    def __init__(self, base: str, fields: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.start_urls = [f"{base}/list_1.html"]
        self.fields = fields

    def parse(self, response: Response, **more: Any) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        yield from response.follow_all(css="li a", callback=self.article)
        yield from response.follow_all(css="a.next")

    def article(self, response: Response, **more: Any) -> Iterator[dict[str, Any]]:
        if not self.fields:
            yield {"title": response.css("h1::text").get()}
            return
        info = response.css(".info::text")
        yield {
            "title": response.css("h1::text").get(),
            "published_at": info.re_first(r"\d{4}-\d\d-\d\d [\d:]+"),
            "source": info.re_first(r"来源：(\S+)"),
            "view_count": info.re_first(r"阅读：(\d+)"),
            "body": "\n\n".join("".join(p.css("::text").getall()).strip() for p in response.css(".content p")),
            "related": [
                (response.urljoin(a.attrib["href"]), a.css("::text").get()) for a in response.css(".related a")
            ],
        }
