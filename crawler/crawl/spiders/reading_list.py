"""Lists of URLs maintained by others, as responses of a crawl: on the web or in a file."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from crawler.crawl.spiders import discovery
from crawler.values import address_lists
from crawler.values.listing import Found


def shown(url: str) -> str:
    """The local list *url* as the address of a request: its path as it was given."""
    return "file:///" + url.removeprefix("file:").lstrip("/")


def opened(url: str, request: Request) -> Response:
    """The local list *url* as an answer to *request*. Raises OSError."""
    return HtmlResponse(request.url, 200, body=address_lists.read(url), request=request)


def addresses(response: Response) -> Iterator[Found]:
    """The http(s) addresses in *response*, cleaned, each once. Raises ValueError for too many."""
    if address_lists.is_feed(response.body):
        yield from discovery.feed(response)
    elif address_lists.is_page(response.body):
        yield from discovery.links(response)
    else:
        yield from map(Found, address_lists.addresses(response.body))
