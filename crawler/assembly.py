"""From captures to an article, to what is still needed, or to a refusal with its reason.

Pure: the same for the crawl, replay and `extract`.

Call ``wanted(visit)`` until it returns None, then ``assemble(visit)``. Whether the responses come from the network
or from a WARC file makes no difference.
"""

from __future__ import annotations

import gc
import re
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from crawler import extraction
from crawler.article import TAKEN_OVER, Article, Capture, Refusal, Wanted
from crawler.extraction import Fields, Page
from crawler.portals import Portal
from crawler.values import urls
from crawler.values.coding import CodingError, decode, is_cut
from crawler.values.statuses import is_transient

MAX_PAGES = 50  #: pages of one article
_WALLS = frozenset({"bot-wall", "login"})  #: an address that leads there may well be an article
_DOCUMENT, _END_TAG = re.compile("<html", re.IGNORECASE), re.compile("</(?:html|body)", re.IGNORECASE)
_TEXT = ("text/", "application/xhtml", "application/xml", "application/json", "application/javascript")


@dataclass
class Visit:
    """One visit of one article address: the requested URL, the captures, and the result."""

    portal: Portal
    asked: str
    captures: list[Capture] = field(default_factory=list)
    missing: list[Wanted] = field(default_factory=list)  #: wanted, and not to be had
    failure: str | None = None  #: why there is no capture at all
    result: Article | Refusal | None = None
    decision: Any = None  #: in replay: the decision that is replayed
    charset: str | None = None  #: that the first page was decoded from
    band_keys: tuple[int, ...] = ()  #: of the text of *result*, where another process extracted it
    record: dict[str, Any] | None = None  #: in a merge: the article's record as an archived line has it

    @cached_property
    def page(self) -> Page | Refusal:
        """The first page, parsed once."""
        return self.read(self.captures[0])

    @cached_property
    def counter(self) -> Wanted | None:
        """The address of the view count, where it has to be asked for and may be."""
        return _counter(self)

    @cached_property
    def _after(self) -> dict[str, str | None]:
        return {}

    def after(self, page: Page) -> str | None:
        """The address of the page after *page*, looked for once."""
        if page.url not in self._after:
            self._after[page.url] = extraction.next_page(page, further=page is not self.page)
        return self._after[page.url]

    def read(self, capture: Capture) -> Page | Refusal:
        """The page in *capture*, or why there is none."""
        if refusal := _unusable(capture, self.portal):
            return refusal
        try:
            body = decode(capture.payload, capture.header("content-encoding"))
        except CodingError:
            return Refusal("bad-encoding")
        return Page(
            body,
            url=self.portal.address(capture.url) or capture.url,
            fetched_at=capture.fetched_at,
            charset=charset_of(capture.header("content-type")),
            portal=self.portal,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}  # without what was parsed


def prepare_process() -> None:
    """Called once in a process that assembles many pages: the garbage collector need not look at each of them.

    A page is some 10,000 small objects that live for milliseconds, hardly any in a cycle; looking for those took 15 %
    of the time.
    """
    gc.set_threshold(50_000, 20, 20)


def wanted(visit: Visit) -> Wanted | None:
    """The next URL that is needed to complete *visit*; None if nothing more is needed or available."""
    if not visit.captures or isinstance(visit.page, Refusal):
        return None
    _, open_page = _pages(visit)
    if open_page is not None and open_page not in visit.missing:
        return open_page
    counter = visit.counter
    if counter is None or counter in visit.missing or _captured(visit, counter):
        return None
    return counter


def assemble(visit: Visit) -> Article | Refusal:
    """The article of *visit*, as complete as its captures are, or a Refusal that says why it is not one."""
    if (taken_over := _recorded(visit)) is not None:
        return taken_over
    if not visit.captures:
        return Refusal(visit.failure or "no-answer", transient=True)
    if isinstance(visit.page, Refusal):
        return visit.page
    visit.charset = visit.page.encoding
    pages, open_page = _pages(visit)
    counter = visit.counter
    answer = _captured(visit, counter) if counter else None
    found = extraction.extract(pages, _counter_body(answer) if answer else None)
    if isinstance(found, Refusal):
        return Refusal("redirect") if found.reason not in _WALLS and sent_away(visit) else found
    article = article_of(found, visit.portal.name, [page.url for page in pages])
    if not article.is_attributed() and sent_away(visit):
        return Refusal("redirect")
    if counter and article.view_count is None:
        article.incomplete.append("counter")
    if open_page is not None or extraction.count_pages(pages[0]) > len(pages):
        article.incomplete.append("pages")
    if is_truncated(visit) or any(map(_breaks_off, pages)):
        article.incomplete.append("truncated")
    return article


def is_truncated(visit: Visit) -> bool:
    """Whether a page of *visit* is not all that its server meant to send, as the head of the answer says."""
    return any(capture.truncated or _is_cut(capture) for capture in visit.captures if capture.role != "counter")


def sent_away(visit: Visit) -> bool:
    """Whether the requested URL redirected to one that is not an article's: the home page, a login, a notice."""
    if not visit.captures:
        return False
    final = visit.portal.address(visit.captures[0].url) or visit.captures[0].url
    if final == visit.asked or urls.article_id(final) == urls.article_id(visit.asked):
        return False
    home = urls.clean(visit.portal.home)
    return not visit.portal.is_article(final) or final == home or urlsplit(final).path in {"", "/"}


def _recorded(visit: Visit) -> Refusal | None:
    """What only the crawl could know: recorded in the decision that is replayed."""
    decision = visit.decision
    if decision is None or decision.get("reason") not in TAKEN_OVER:
        return None
    return Refusal(decision["reason"], transient=decision["outcome"] == "failed")


def article_of(found: Fields, portal: str, page_urls: list[str]) -> Article:
    """The article with the extracted fields *found*, from the pages *page_urls*."""
    values = {attribute.name: getattr(found, attribute.name) for attribute in fields(found)}
    values["extracted_by"] = {name: found.extracted_by.get(name) for name in values if name != "extracted_by"}
    ident = urls.article_id(page_urls[0]) if page_urls else ""
    return Article(id=ident, portal=portal, url=page_urls[0] if page_urls else "", page_urls=page_urls, **values)


def _pages(visit: Visit) -> tuple[list[Page], Wanted | None]:
    """The pages of the article that are there, and the one after them that is not."""
    assert isinstance(visit.page, Page)
    pages = [visit.page]
    seen = {visit.page.url, visit.asked}
    while len(pages) < MAX_PAGES:
        following = visit.after(pages[-1])
        url = visit.portal.bare(following)[0] if following else None
        if url is None or url in seen or not visit.portal.owns(url):
            return pages, None
        seen.add(url)
        want = Wanted("next", url, referer=pages[-1].url)
        capture = _captured(visit, want)
        page = visit.read(capture) if capture else None
        if not isinstance(page, Page):
            return pages, want
        pages.append(page)
    return pages, None


def _counter(visit: Visit) -> Wanted | None:
    if not isinstance(visit.page, Page):
        return None
    request = extraction.counter(visit.page)
    rule = visit.portal.counter
    if request is None or (request.increments and not (rule and rule.ask)):
        return None
    if rule is None and not visit.portal.owns(request.url):
        return None
    return Wanted("counter", request.url, referer=visit.page.url)


def _captured(visit: Visit, want: Wanted) -> Capture | None:
    same = (capture for capture in visit.captures[1:] if capture.role == want.role)
    return next((capture for capture in same if capture.asked == want.url), None)


def _counter_body(capture: Capture) -> bytes | None:
    if capture.status != 200:
        return None
    try:
        return decode(capture.payload, capture.header("content-encoding"), limit=1 << 20)
    except CodingError:
        return None


def _is_cut(capture: Capture) -> bool:
    """Whether *capture* is not all of what the server meant to send; the crawl lets that pass after some failures."""
    if capture.status != 200:
        return False
    promised = (capture.header("content-length") or "").strip()
    short = promised.isdecimal() and int(promised) > len(capture.payload)
    return is_cut(capture.payload, capture.header("content-encoding"), short=short or capture.disconnected)


def _breaks_off(page: Page) -> bool:
    """Whether an HTML document ends in the middle of a text or a tag, and without its end tags."""
    text = page.text.rstrip()
    return not text.endswith(">") and _DOCUMENT.search(text, 0, 2000) is not None and not _END_TAG.search(text)


def _unusable(capture: Capture, portal: Portal) -> Refusal | None:
    """Why *capture* cannot be an article, as far as its head tells."""
    status = capture.status
    if is_transient(status):
        return Refusal(f"http-{status}", transient=True)
    if status == 304:
        return Refusal("not-modified")
    if status != 200:
        return Refusal(f"http-{status}")
    if not portal.owns(capture.url):
        return Refusal("off-site")
    kind = (capture.header("content-type") or "").strip().lower()
    if kind and not kind.startswith(_TEXT) and "html" not in kind:
        return Refusal("not-html")
    return None


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    for parameter in (content_type or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'")
    return None
