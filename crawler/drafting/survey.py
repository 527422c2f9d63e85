"""What to ask of a site that is not known yet, and in which order; pure: others fetch.

A survey is a generator: it yields batches of addresses and is sent their answers. The spider of ``portals new`` and a
folder of WARC files drive it the same way.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlsplit

from crawler import extraction
from crawler.article import Answers, Capture
from crawler.assembly import Visit, wanted
from crawler.drafting import jpage, links, script_api
from crawler.drafting.document import Document
from crawler.drafting.feeds import feed_entries, sitemap_entries
from crawler.drafting.script_api import ScriptedList
from crawler.drafting.unanswered import in_words
from crawler.drafting.url_patterns import UrlShape, shape_of
from crawler.extraction.text.reading import reading_of
from crawler.portals import Portal, minimal
from crawler.portals.api import ApiStep
from crawler.portals.sections import Api
from crawler.values import urls

Result = TypeVar("Result")
Batches = Generator[Sequence[str | ApiStep], Answers, Result]
Steps = Batches["SurveyResult"]
Asking = Batches[list[Document]]
COLUMNS = 8  #: list pages looked at
CLUSTERS = 10  #: kinds of addresses tried
SEVERAL = 3  #: links with parameters for which a page is looked at twice
FURTHER = 6  #: further pages of one article
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class NothingFoundError(Exception):
    """The site shows nothing that a definition could be drafted from; the message says what was looked for."""


@dataclass(slots=True)
class SurveyResult:
    """What a survey found out."""

    home: str
    domain: str
    portal: Portal  #: a definition without rules, under which articles were read
    start: Document
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    lists: list[Document] = field(default_factory=list)
    paging: set[UrlShape] = field(default_factory=set)
    shapes: set[UrlShape] = field(default_factory=set)  #: of articles
    visits: list[Visit] = field(default_factory=list)  #: articles, with their further pages
    others: set[str] = field(default_factory=set)  #: addresses that are no articles
    unclear: set[str] = field(default_factory=set)  #: addresses of shapes that were not tried
    api: list[ScriptedList] = field(default_factory=list)  #: lists that a script asks for
    drop_params: set[str] = field(default_factory=set)  #: query parameters whose values change at every look
    counter: Capture | None = None  #: the answer of one article's counter
    asked: int = 0


class Survey:
    """Asks a site from the address *start* on; about *articles* articles."""

    def __init__(self, start: str, articles: int = 20) -> None:
        self._start, self._articles = start, articles
        self._known: dict[str, Document] = {}
        self._asked: set[str] = set()
        self._drop: set[str] = set()
        self._reasons: dict[str, str] = {}

    def steps(self) -> Steps:
        """The survey. Raises NothingFoundError."""
        answered = yield from self._ask([self._start])
        if not answered or not answered[0].usable:
            why = next(iter(self._reasons.values()), None)
            status = f"it answers {answered[0].capture.status}" if answered else in_words(why)
            raise NothingFoundError(f"{self._start}: {status}")
        start = answered[0]
        found = _begin(start)
        origin = f"{urlsplit(start.url).scheme}://{urlsplit(start.url).netloc}"
        front = yield from self._ask([found.home, f"{origin}/robots.txt"])
        pages = [start, *(address for address in front if address.asked == found.home and address is not start)]
        pages = yield from self._look_again(found, pages)
        entries = yield from self._machine_readable(found, pages, origin)
        columns = yield from self._ask(links.columns(pages, found.domain, COLUMNS))
        asked = yield from self._ask_as_scripts(found, [*pages, *columns])
        entries |= {rows.rows.url: list(rows.addresses) for rows, _ in asked}
        yield from self._try_shapes(found, [*pages, *columns], entries)
        if not found.shapes:
            raise NothingFoundError(
                f"{self._start}: of {len(self._asked)} pages none is an article with a headline, a time and a text; "
                "give the address of an article, or of a list of articles"
            )
        further = yield from self._lists(found, [*pages, *columns])
        found.api = _scripted_lists(found, asked)
        yield from self._read_articles(found, [*found.lists, *further], entries)
        found.asked = len(self._asked)
        return found

    def _look_again(self, found: SurveyResult, pages: list[Document]) -> Asking:
        """Asks *pages* that link with parameters once more, and gives them without those whose values have changed."""
        asking = [page for page in pages if page.usable and sum("=" in url for url in page.hrefs) >= SEVERAL]
        answers = (yield [page.asked for page in asking]) if asking else {}
        for page in asking:
            if (again := answers.get(page.asked)) is not None:
                found.drop_params |= links.changing(page, Document(page.asked, again))
        self._drop = found.drop_params
        self._known = {url: Document(url, document.capture, drop=self._drop) for url, document in self._known.items()}
        found.start = self._known[found.start.asked]
        return [self._known[page.asked] for page in pages]

    def _ask(self, addresses: Iterable[str | None]) -> Asking:
        """The usable documents at *addresses*, each asked once."""
        cleaned = dict.fromkeys(self._bare(url for address in addresses if address and (url := urls.clean(address))))
        fresh = [url for url in cleaned if url not in self._asked]
        if fresh:
            self._asked.update(fresh)
            answers = yield fresh
            self._reasons |= answers.reasons
            for url in fresh:
                if (capture := answers.get(url)) is not None:
                    self._known[url] = Document(url, capture, drop=self._drop)
        return [self._known[url] for url in cleaned if url in self._known]

    def _bare(self, addresses: Iterable[str]) -> list[str]:
        """*addresses* without the parameters that name no page."""
        return [urls.bare(url, self._drop)[0] for url in addresses]

    def _machine_readable(
        self, found: SurveyResult, pages: list[Document], origin: str
    ) -> Batches[dict[str, list[str]]]:
        """Feeds and sitemaps: address -> the addresses they name. Notes those of use."""
        robots = self._known.get(f"{origin}/robots.txt")
        named = _SITEMAP.findall(robots.body.decode("utf-8", "replace")) if robots and robots.usable else []
        sitemaps = [url for address in named[:3] if (url := urls.clean(address))] or [f"{origin}/sitemap.xml"]
        feeds = [url for page in pages if page.usable for url in page.feeds() if urls.in_domains(url, (found.domain,))]
        answers = yield from self._ask([*dict.fromkeys(feeds[:4]), *sitemaps])
        entries = {}
        for answer in answers:
            if answer.usable and answer.is_feed:
                entries[answer.asked] = self._bare(feed_entries(answer))
                found.feeds.append(answer.asked)
            elif answer.usable and answer.is_sitemap:
                located = sitemap_entries(answer)
                inner = yield from self._ask([url for url in located if url.endswith((".xml", ".xml.gz"))][:3])
                located += [url for one in inner if one.is_sitemap for url in sitemap_entries(one)]
                entries[answer.asked] = self._bare(located)
                found.sitemaps.append(answer.asked)
        return entries

    def _ask_as_scripts(
        self, found: SurveyResult, pages: list[Document]
    ) -> Batches[list[tuple[ScriptedList, Document]]]:
        """Lists that the scripts on *pages* ask for, and the pages that show them."""
        tried: dict[str, tuple[Api, Document]] = {}
        for page in pages:
            for rows in script_api.requests(page, found.domain) if page.usable else ():
                tried.setdefault(rows.model_dump_json(), (rows, page))
        asked = list(tried.values())[: script_api.MOST]
        answers = (yield [step for rows, _ in asked for step in script_api.steps(rows)]) if asked else {}
        self._asked.update(answers)
        proven = [
            (script_api.judge(rows, [answers.get(s.name) for s in script_api.steps(rows)], page, found.domain), page)
            for rows, page in asked
        ]
        return [(rows, page) for rows, page in proven if rows is not None]

    def _try_shapes(
        self, found: SurveyResult, pages: list[Document], entries: Mapping[str, list[str]]
    ) -> Batches[None]:
        """Which kinds of addresses are articles: two of each likely kind are looked at."""
        clusters = links.clusters(pages, [url for entry in entries.values() for url in entry], found.domain)
        for page in pages:
            clusters.pop(shape_of(page.asked), None)
            if page.is_article:
                found.shapes.add(shape_of(page.asked))
            else:
                found.others.add(page.asked)
        likely = links.likely(clusters)
        tried = {shape: _ends(list(clusters[shape])) for shape in likely[:CLUSTERS]}
        documents = yield from self._ask(url for samples in tried.values() for url in samples)
        verdict = {document.asked: document.is_article for document in documents}
        for shape, samples in tried.items():
            judged = [verdict[url] for url in samples if url in verdict]
            if judged and sum(judged) * 2 >= len(judged) and any(judged):
                found.shapes.add(shape)
            else:
                found.others.update(clusters[shape])
        for shape, addresses in clusters.items():
            if shape not in tried:
                found.unclear.update(addresses)

    def _lists(self, found: SurveyResult, pages: list[Document]) -> Batches[list[Document]]:
        """Notes the list pages among *pages* and how they go on; the second pages of the longest lists."""
        shown = links.everywhere([document for document in self._known.values() if document.usable], found.shapes)
        found.lists = [page for page in pages if not page.is_article and links.articles(page, found.shapes, shown)]
        onward = {list_page.asked: links.paging(list_page, found.shapes) for list_page in found.lists}
        found.paging = {shape_of(url) for addresses in onward.values() for url in addresses}
        found.others.update(url for addresses in onward.values() for url in addresses)
        longest = sorted(found.lists, key=lambda page: -len(links.articles(page, found.shapes)))
        further = yield from self._ask([url for list_page in longest[:3] for url in onward[list_page.asked][:1]])
        for page in further:
            found.paging |= {shape_of(url) for url in links.paging(page, found.shapes)}
        return [page for page in further if not page.is_article]

    def _read_articles(
        self, found: SurveyResult, lists: list[Document], entries: Mapping[str, list[str]]
    ) -> Batches[None]:
        """Asks for articles of every list in turn, then for what each of them still wants."""
        known = [url for url, document in self._known.items() if shape_of(url) in found.shapes and document.is_article]
        named = [links.articles(list_page, found.shapes) for list_page in lists]
        named += [[url for url in entry if shape_of(url) in found.shapes] for entry in entries.values()]
        chosen = links.in_turn([known, *named], self._articles)
        documents = yield from self._ask(chosen)
        found.visits = [
            Visit(found.portal, document.asked, [document.capture])
            for document in documents
            if document.usable and document.is_article
        ]
        yield from complete(found.visits)
        yield from self._try_counter(found)

    def _try_counter(self, found: SurveyResult) -> Batches[None]:
        """Asks the counter of one article, where asking raises the count."""
        for visit in found.visits[:3]:
            page = visit.page
            request = extraction.counter(page) if isinstance(page, extraction.Page) else None
            if request is not None and request.increments:
                found.counter = (yield [request.url]).get(request.url)
                return


def _begin(start: Document) -> SurveyResult:
    host = urls.host_of(start.url)
    domain = host if ":" in host else host.removeprefix("www.").removeprefix("m.")
    home = f"{urlsplit(start.url).scheme}://{urlsplit(start.url).netloc}/"
    zone = "Asia/Shanghai" if reading_of(start.page).chinese else "UTC"
    portal = minimal("draft", home=home, domain=domain, timezone=zone)
    return SurveyResult(home, domain, portal, start)


def complete(visits: Sequence[Visit]) -> Batches[None]:
    """Asks for what each of *visits* still wants: further pages, counters that may be asked."""
    for _ in range(FURTHER):
        wants = [(visit, want) for visit in visits if (want := wanted(visit)) is not None]
        if not wants:
            return
        answers = yield [want.url for _, want in wants]
        for visit, want in wants:
            capture = answers.get(want.url)
            if capture is None or capture.status != 200:
                visit.missing.append(want)
            else:
                visit.captures.append(replace(capture, role=want.role, asked=want.url))


def _scripted_lists(found: SurveyResult, asked: Sequence[tuple[ScriptedList, Document]]) -> list[ScriptedList]:
    """The lists of *asked* that are lists of articles, and those of Hanweb's jpage, where no link leads further."""
    lists = [
        rows
        for rows, page in asked
        if sum(shape_of(url) in found.shapes for url in rows.addresses) * 2 > len(rows.addresses)
        and not links.paging(page, found.shapes)
    ]
    ends = [page for page in found.lists if not links.paging(page, found.shapes)]
    for rows in filter(None, map(jpage.asked, ends)):
        if all(rows != known.rows for known in lists):
            lists.append(ScriptedList(rows))
    return lists


def _ends(addresses: list[str]) -> list[str]:
    """The first and the last."""
    return list(dict.fromkeys([addresses[0], addresses[-1]]))
