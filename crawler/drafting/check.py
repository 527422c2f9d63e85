"""A look at a portal that is known: do its lists still list, are its articles read, does its template hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.article import CHECKED, Answers, Article, Capture, Refusal
from crawler.assembly import Visit, assemble
from crawler.drafting import golden, links
from crawler.drafting.document import Document
from crawler.drafting.feeds import feed_entries, sitemap_entries
from crawler.drafting.survey import complete
from crawler.drafting.unanswered import in_words
from crawler.drafting.url_patterns import shape_of
from crawler.portals import Portal, api
from crawler.portals.api import ApiStep
from crawler.values import address_lists, clock, urls

LISTS, FEEDS, SITEMAPS = 5, 2, 1  #: discovery pages asked for
ENOUGH = 5  #: articles below which a share says nothing
TEMPLATE = 0.8  #: share of pages on which a template must hold, where the definition expects none
FALL = 0.4  #: how far a field may lie below what is archived


@dataclass(slots=True)
class Inspection:
    """What was seen of a portal."""

    portal: Portal
    found: dict[str, int] = field(default_factory=dict)  #: discovery page -> articles that it names
    failed: dict[str, str] = field(default_factory=dict)  #: discovery page -> why it was of no use
    visits: list[Visit] = field(default_factory=list)
    results: list[Article | Refusal] = field(default_factory=list)
    likely: str | None = None  #: an address like those that the lists name most, where none is an article's
    problems: list[str] = field(default_factory=list)
    unanswered: dict[str, str] = field(default_factory=dict)  #: address -> why no answer came, by name

    @property
    def articles(self) -> list[Article]:
        return [result for result in self.results if isinstance(result, Article)]

    @property
    def held(self) -> int:
        """Articles that were read through the template."""
        return sum(article.extracted_by.get("body") == "template" for article in self.articles)

    def coverage(self) -> dict[str, float]:
        """Field -> share of the articles that have it."""
        read = self.articles
        return {
            name: round(sum(getattr(record, name) not in (None, []) for record in read) / len(read), 4)
            for name in CHECKED if read
        }  # fmt: skip


def local_lists(portal: Portal) -> dict[str, list[str] | str]:
    """The local lists of ``discover.urls``: each with the addresses that it names, or why it cannot be read."""
    found: dict[str, list[str] | str] = {}
    for url in filter(address_lists.is_file, portal.discover.urls):
        try:
            body = address_lists.read(url)
            found[url] = _of_list(Document(url, Capture("page", url, 200, (), body, clock.now(), "")))
        except OSError as error:
            found[url] = error.strerror or type(error).__name__
    return found


def steps(
    portal: Portal, articles: int, local: Mapping[str, Sequence[str] | str]
) -> Generator[Sequence[str | ApiStep], Answers, Inspection]:
    """A look at *portal*: its discovery pages, then so many articles of theirs. *local*: :func:`local_lists`."""
    seen = Inspection(portal)
    where = portal.discover
    elsewhere = [url for url in where.urls if not address_lists.is_file(url)][:LISTS]
    asked = [*where.pages[:LISTS], *where.feeds[:FEEDS], *elsewhere]
    api_steps = [ApiStep(rows, rows.first_page) for rows in where.api[:LISTS]]
    if not (asked or api_steps or local):
        asked = list(where.sitemaps[:SITEMAPS])
    first: list[str | ApiStep] = [url for address in asked if (url := urls.clean(address))]
    answers: Answers = (yield [*first, *api_steps]) if first or api_steps else Answers()
    seen.unanswered |= answers.reasons
    named: list[list[str]] = []
    others: Counter[object] = Counter()
    pages = [(address, _addresses(address, answers.get(urls.clean(address) or address), seen)) for address in asked]
    pages += [(step.url(), _rows(step, answers.get(step.name), seen)) for step in api_steps]
    for name, entries in local.items():
        pages.append((name, [] if isinstance(entries, str) else list(entries)))
        if isinstance(entries, str):
            seen.failed[name] = f"cannot be read: {entries}"
    for page, full in pages:
        addresses = [portal.bare(url)[0] for url in full]
        found = [address for address in addresses if portal.is_article(address)]
        others.update(shape_of(a) for a in addresses if portal.owns(a) and shape_of(a).counted)
        if page not in seen.failed:
            seen.found[page] = len(found)
            named.append(found)
        if not any(named) and others:
            best = others.most_common(1)[0][0]
            seen.likely = next((a for a in addresses if shape_of(a) == best), seen.likely)
    chosen = links.in_turn(named, articles)
    answers = (yield chosen) if chosen else Answers()
    seen.unanswered |= answers.reasons
    for url in chosen:
        capture = answers.get(url)
        why = None if capture else answers.reasons.get(url, "no-answer")
        seen.visits.append(Visit(portal, url, [capture] if capture else [], failure=why))
    yield from complete(seen.visits)
    seen.results = [assemble(visit) for visit in seen.visits]
    return seen


def _addresses(asked: str, capture: Capture | None, seen: Inspection) -> list[str]:
    """What the discovery page names; notes why it names nothing."""
    if capture is None:
        seen.failed[asked] = in_words(seen.unanswered.get(urls.clean(asked) or asked))
        return []
    document = Document(asked, capture)
    if not document.usable:
        seen.failed[asked] = f"answers {capture.status}" + (" without a page" if capture.status == 200 else "")
        return []
    if document.is_feed:
        return feed_entries(document)
    if asked in seen.portal.discover.urls:
        return _of_list(document)
    if document.is_sitemap:
        return sitemap_entries(document)
    return [anchor.url for anchor in document.anchors] + document.further


def _of_list(document: Document) -> list[str]:
    """What a list that somebody else keeps names, as far as a crawl reads it."""
    if document.is_feed:
        return feed_entries(document)
    if address_lists.is_page(document.body):
        return [anchor.url for anchor in document.anchors]
    return list(islice(address_lists.addresses(document.body), address_lists.MOST))


def _rows(step: ApiStep, capture: Capture | None, seen: Inspection) -> list[str]:
    """What the list that is served as data names; notes why it names nothing."""
    asked = step.url()
    if capture is None or capture.status != 200:
        why = in_words(seen.unanswered.get(step.name))
        seen.failed[asked] = why if capture is None else f"answers {capture.status}"
        return []
    try:
        document = Document(asked, capture)
        found, _ = api.read(document.page.text, document.url, step, seen.portal.zone, capture.fetched_at)
    except api.AnswerError as error:
        seen.failed[asked] = f"is not the data that [[discover.api]] describes: {error}"
        return []
    return [link.url for link in found]


def find_problems(seen: Inspection, goldens: Path | None, archived: Sequence[Json]) -> None:
    """Notes in *seen* what is wrong, each in a sentence that says what to repair.

    *goldens* is the folder of the portal's golden pages, *archived* its latest records.
    """
    wrong = seen.problems
    wrong += [f"{url} {_advised(why)}" for url, why in seen.failed.items()]
    if seen.found and not any(seen.found.values()):
        like = f"; what they link to looks like {seen.likely}" if seen.likely else ""
        wrong.append(f"no link of {len(seen.found)} discovery pages matches discover.article_urls{like}")
    elif empty := [url for url, count in seen.found.items() if not count]:
        wrong.append(f"{empty[0]} no longer lists an article: correct it, or remove it from [discover]")
    refused = Counter(result.reason for result in seen.results if isinstance(result, Refusal))
    if refused and sum(refused.values()) * 2 > len(seen.results):
        why = ", ".join(f"{reason} {count}" for reason, count in refused.most_common())
        wrong.append(f"{sum(refused.values())} of {len(seen.results)} article pages are not articles ({why})")
    _judge_fields(seen, archived)
    _judge_template(seen)
    if goldens is not None:
        wrong += golden_problems(seen.portal, goldens)


def _advised(why: str) -> str:
    """*why* a discovery page failed, and what to do where the definition is to blame."""
    blamed = ("answers ", "is not ", "cannot be read", "its host name")
    return f"{why}: correct it, or remove it from [discover]" if why.startswith(blamed) else why


def _judge_fields(seen: Inspection, archived: Sequence[Json]) -> None:
    shares = seen.coverage()
    if len(seen.articles) < ENOUGH:
        return
    expected = seen.portal.expect.coverage
    for name, share in shares.items():
        before = sum(record[name] not in (None, []) for record in archived) / len(archived) if archived else 0.0
        if share < expected.get(name, 0.0):
            seen.problems.append(
                f"{name} on {share:.0%} of {len(seen.articles)} articles, expected {expected[name]:.0%}"
            )
        elif len(archived) >= ENOUGH and share < before - FALL:
            seen.problems.append(
                f"{name} on {share:.0%} of {len(seen.articles)} articles, but on {before:.0%} of those archived before"
            )


def _judge_template(seen: Inspection) -> None:
    portal, read = seen.portal, len(seen.articles)
    if portal.template is None or read < ENOUGH:
        return
    least = portal.expect.template if portal.expect.template is not None else TEMPLATE
    if seen.held < least * read:
        seen.problems.append(
            f"the template matches {seen.held} of {read} articles, expected {least:.0%}: the layout has changed; "
            f"`citynews portals check {portal.name} --repair` learns a new one"
        )


def golden_problems(portal: Portal, folder: Path) -> list[str]:
    """What golden pages of *portal* in *folder* are read otherwise than expected."""
    wrong = []
    for expected in golden.read(folder, portal):
        record: Mapping[str, object] = golden.found(expected.page)
        differing = [name for name in CHECKED if record.get(name) != expected.expected.get(name)]
        if differing:
            wrong.append(f"golden page {expected.folder.name}: {', '.join(differing)} read otherwise than expected")
    return wrong


_BLOCK = re.compile(r"^\[template\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)


def without_template(text: str) -> str:
    """The TOML *text* of a definition without its table [template]."""
    return _BLOCK.sub("", text).rstrip("\n") + "\n"
