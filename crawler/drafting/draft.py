"""From what a survey found to a definition, with the proof of what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from crawler.article import CHECKED, COVERED, Article
from crawler.assembly import Visit, assemble
from crawler.drafting import traits, url_patterns
from crawler.drafting.document import Document
from crawler.drafting.induce import LearnedTemplate, learn
from crawler.drafting.script_api import ScriptedList
from crawler.drafting.survey import NothingFoundError, SurveyResult
from crawler.drafting.toml_writer import TomlLines, definition
from crawler.extraction import Fields, Page, extract, read_counter
from crawler.portals import Portal, families, parse
from crawler.values import urls

PAGES = 8  #: list pages named in a definition
#: What a share seen on few pages may lose on many, at least; else three standard errors of it.
SLACK = 0.1


@dataclass(slots=True)
class Draft:
    """A definition, and what was seen while it was drafted."""

    portal: Portal
    text: str  #: the TOML as it is to be written, with what supports each line
    visits: list[Visit]
    learned: LearnedTemplate | None
    coverage: dict[str, float]  #: field -> share of the articles that were read with the definition
    notes: list[str] = field(default_factory=list)


def draft(found: SurveyResult, name: str, *, delay: float, today: str) -> Draft:
    """The definition of the site of *found* under *name*. Raises NothingFoundError."""
    pages = [visit.page for visit in found.visits if isinstance(visit.page, Page)]
    read = [fields for page in pages if isinstance(fields := extract([page]), Fields)]
    if not read:
        raise NothingFoundError(f"{found.home}: no article could be read")
    spoken = traits.language(read)
    parts = TomlLines(
        head="Drafted by `citynews portals new`. Beside each place: the pages on which it was right, one value.",
        evidence=f"drafted from {len(read)} articles of {found.home}", last_seen=today, family=_family(pages),
        name=name, title=traits.site_title(_home(found), pages), home=found.home, domains=_domains(found),
        language=spoken, timezone=traits.timezone(urls.host_of(found.home), spoken, pages),
        encoding=traits.encoding(pages), delay=delay,
    )  # fmt: skip
    _discover(parts, found)
    parts.counter = _counter(found, pages)
    plain = parse(definition(parts), name)
    parts.api = [api.rows for api in found.api if _yields(api, plain)]
    parts.learned = learn([page.under(plain) for page in pages])
    parts.coverage = {}
    named = {anchor.url for list_page in found.lists for anchor in list_page.anchors if plain.is_article(anchor.url)}
    parts.articles_min = max(1, len(named) // 2)
    portal = parse(definition(parts), name)
    covered = coverage(portal, found.visits)
    counted = parts.counter is not None and "view_count" not in parts.coverage
    parts.coverage = _expected(covered, len(found.visits), counted=counted)
    return Draft(
        parse(definition(parts), name), definition(parts), found.visits, parts.learned, covered, _notes(found, parts)
    )  # fmt: skip


def coverage(portal: Portal, visits: Sequence[Visit]) -> dict[str, float]:
    """Field -> share of the articles of *visits* that have it, read with the definition *portal*."""
    articles = [
        result for visit in visits
        if isinstance(result := assemble(Visit(portal, visit.asked, visit.captures, visit.missing)), Article)
    ]  # fmt: skip
    return {
        name: round(sum(getattr(article, name) not in (None, []) for article in articles) / len(visits), 4)
        for name in COVERED if articles
    }  # fmt: skip


def _yields(asked: ScriptedList, portal: Portal) -> bool:
    """Whether what the list *asked* named is articles of *portal*; True where it was not asked."""
    return sum(map(portal.is_article, asked.addresses)) * 2 >= len(asked.addresses)


def _home(found: SurveyResult) -> Document | None:
    return next((page for page in [*found.lists, found.start] if found.home in {page.asked, page.url}), None)


def _domains(found: SurveyResult) -> list[str]:
    """The site's domain, and the other hosts that serve its articles."""
    hosts = [urls.host_of(visit.captures[0].url) for visit in found.visits]
    return list(
        dict.fromkeys([found.domain, *(h for h in hosts if not urls.in_domains(f"http://{h}/", (found.domain,)))])
    )


def _discover(parts: TomlLines, found: SurveyResult) -> None:
    ranked = sorted(found.lists, key=lambda page: page.asked not in {found.start.asked, found.home})
    parts.pages = [address.asked for address in ranked if url_patterns.shape_of(address.asked) not in found.paging][
        :PAGES
    ]
    parts.feeds, parts.sitemaps = list(found.feeds), list(found.sitemaps)
    others = {url for url in found.others if url_patterns.shape_of(url) not in found.shapes}
    if any(not any("\\d" in segment for segment in shape.path) for shape in found.shapes):
        others |= {url for url in found.unclear if url_patterns.shape_of(url) not in found.shapes}
    others |= set(parts.pages)
    parts.api = [api.rows for api in found.api]
    parts.drop_params = sorted(found.drop_params)
    parts.examples = [visit.asked for visit in found.visits[:2]]
    parts.article_urls = url_patterns.patterns(found.shapes, sorted(others))
    parts.list_urls = url_patterns.patterns(found.paging, [visit.asked for visit in found.visits])


def _family(pages: Sequence[Page]) -> str | None:
    """The family, where it brings no rules of its own: what was learned here goes before what others were like."""
    name = traits.family(pages)
    return name if name is not None and name in families.names() and "extract" not in families.read(name) else None


def _counter(found: SurveyResult, pages: Sequence[Page]) -> traits.CounterRule | None:
    """The counter that rises when asked, where its answer is a count."""
    answer = found.counter
    if answer is None or answer.status != 200:
        return None
    body = Visit(found.portal, answer.url, [answer]).read(answer)
    return traits.counter_rule(pages) if isinstance(body, Page) and read_counter(body.text.encode()) else None


def _expected(covered: dict[str, float], pages: int, *, counted: bool) -> dict[str, float]:
    """What later runs must reach, from what was *covered* on so many *pages*."""
    seen = {name: covered[name] for name in CHECKED if covered.get(name, 0.0) >= 0.5}
    slack = {name: max(SLACK, 3 * sqrt(share * (1 - share) / pages)) for name, share in seen.items()}
    expected = {name: round(share - slack[name], 2) for name, share in seen.items() if share > slack[name]}
    for name in ("title", "body", "published_at"):
        if covered.get(name) == 1.0:
            expected[name] = 0.98
    return expected | ({"view_count": 0.8} if counted else {})


def _notes(found: SurveyResult, parts: TomlLines) -> list[str]:
    """What a person should know before the definition is used."""
    notes = [
        f"{found.asked} requests; {len(found.lists)} list pages, {len(found.feeds)} feeds, "
        f"{len(found.sitemaps)} sitemaps"
    ]
    learned = parts.learned
    if learned is None:
        notes.append(
            "no template: too few articles, or no stable place of title and text; generic extraction reads all"
        )
    elif not learned.good:
        why = ", ".join(f"{name} on {count}" for name, count in learned.differing.most_common())
        notes.append(
            f"no template: it would hold on {learned.held} of {learned.pages} pages and change {why or 'nothing'}"
        )
    if not parts.list_urls and not parts.api:
        notes.append("no paging found: only what stands on the pages, feeds and sitemaps above is found")
    if parts.counter is not None:
        notes.append(
            "the view counter rises when it is asked; ask = true asks it once per visit, false leaves views empty"
        )
    if "check" in parts.timezone[1]:
        notes.append(f"time zone {parts.timezone[0]}: {parts.timezone[1]}")
    return notes
