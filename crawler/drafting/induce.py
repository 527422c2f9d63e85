"""Wrapper induction: the selectors that find each field on all sample pages, and the proof that they do.

A selector is offered by the pages on which it finds what generic extraction read; the one with the most pages wins, the
shorter of equals, and a second one joins it for pages of another build. Then all pages are read through the template;
it is kept only where the values are those of generic extraction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.article import TEMPLATED, Refusal
from crawler.drafting.selectors import by_heading, union
from crawler.drafting.targets import Offers, ReadPage
from crawler.extraction import Fields, Page, extract
from crawler.portals import Portal
from crawler.portals.rules import Selector
from crawler.portals.sections import Template

FIELDS = ("title", "published_at", "source", "author", "editor", "view_count", "body", "section")
LINKS = ("related", "neighbours")
ALWAYS = ("title", "body", "published_at", "source", "view_count")
AGREEMENT = 0.95  #: share of pages on which all values must be the same
ENOUGH = 5  #: pages without which nothing is learned


@dataclass(slots=True)
class FieldSelector:
    """Where a field stands: the selector, on how many of the pages that have the field it finds it, a value."""

    field: str
    selector: str
    support: int
    of: int
    value: str


@dataclass(slots=True)
class LearnedTemplate:
    """A template, and how it did on the pages it was learned from."""

    pages: int
    places: dict[str, FieldSelector] = field(default_factory=dict)
    always: list[str] = field(default_factory=list)
    shortest: int = 0
    held: int = 0
    differing: Counter[str] = field(default_factory=Counter)  #: field -> pages on which another value came out
    wrong: int = 0  #: pages with such a field

    @property
    def good(self) -> bool:
        """Whether it may go into a definition."""
        return self.held >= 0.7 * self.pages and self.wrong <= (1 - AGREEMENT) * self.pages

    def table(self) -> dict[str, Any]:
        """The keys of [template]."""
        return {place.field: place.selector for place in self.places.values()} | {
            "always": list(self.always), "shortest": self.shortest,
        }  # fmt: skip


def learn(pages: Sequence[Page]) -> LearnedTemplate | None:
    """The template of *pages* (read without one); None where they are too few, or where title or text have no place."""
    read = [ReadPage(page, fields) for page in pages if isinstance(fields := extract([page]), Fields)]
    samples = [sample for sample in read if sample.reading.body.node is not None]
    if len(samples) < ENOUGH:
        return None
    learned = LearnedTemplate(len(samples))
    for name in FIELDS:
        if (place := _place(samples, name)) is not None:
            learned.places[name] = place
    if "title" not in learned.places or "body" not in learned.places:
        return None
    learned.always = [name for name in ALWAYS if all(getattr(sample.fields, name) for sample in samples)]
    learned.shortest = min(len(sample.fields.body or "") for sample in samples) // 2
    _learn_links(learned, samples)
    _prove(learned, samples)
    return learned


def _place(
    samples: Sequence[ReadPage], name: str, *, only: Callable[[str], bool] = lambda source: True
) -> FieldSelector | None:
    """The best selector, or pair of them, for the field *name*."""
    having = [sample for sample in samples if sample.value(name)]
    offered = [(sample, {s: o for s, o in sample.offers(name).items() if only(s)}) for sample in having]
    chosen: list[str] = []
    left = offered
    for _ in range(2):
        best = _best(left, name, samples, chosen)
        if best is None:
            break
        chosen.append(best)
        left = [(sample, offers) for sample, offers in left if not _finds(best, sample, offers, name)]
        if not left:
            break
    if not chosen:
        return None
    return FieldSelector(name, union(chosen), len(having) - len(left), len(having), _shown(having[0].value(name)))


def _best(
    offered: Sequence[tuple[ReadPage, Offers]], name: str, samples: Sequence[ReadPage], chosen: Sequence[str]
) -> str | None:
    """The selector that finds the field on most of the pages *offered*, the cheapest of equals."""
    votes = Counter(source for _, offers in offered for source in offers)
    costs = {source: offers[source][0] for _, offers in offered for source in offers}
    ranked = sorted(votes, key=lambda selector: (-votes[selector], costs[selector], len(selector)))[:40]
    scored = []
    for source in ranked:
        found = sum(_finds(source, sample, offers, name) for sample, offers in offered)
        if chosen and name == "body" and any(len(_select(union([*chosen, source]), s)) > 1 for s in samples):
            continue  # it would find a second text where the first selector finds the only one
        scored.append((-found, costs[source], len(source), source))
    best = min(scored, default=None)
    return best[3] if best and -best[0] >= max(2 if not chosen else 1, 0.2 * len(offered)) else None


def _finds(source: str, sample: ReadPage, offers: Offers, name: str) -> bool:
    """Whether *source* finds the place of the field on the page of *sample*."""
    found = _select(source, sample)
    targets = offers[source][1] if source in offers else next(iter(offers.values()), (0.0, []))[1]
    if not found:
        return False
    if name == "title":
        return any(found[0] is target for target in targets)
    if name == "body":
        return len(found) == 1 and found[0] is targets[0] if targets else False
    return len(found) <= 3 and any(one is target for one in found for target in targets)


def _select(source: str, sample: ReadPage) -> list[Any]:
    return [element for element in Selector(source).select(sample.root) if not isinstance(element, str)]


def _learn_links(learned: LearnedTemplate, samples: Sequence[ReadPage]) -> None:
    """The place of related_links: that of the neighbours and that of the related block, its heading included."""
    parts = {name: place for name in LINKS if (place := _place(samples, name)) is not None}
    having = [sample for sample in samples if sample.fields.related_links]
    if not parts or not having:
        return
    sources = [part.selector for part in parts.values()]
    variants = [sources]
    if "related" in parts:
        headings = _headings(samples, parts["related"].selector)
        wider = _place(samples, "related", only=lambda source: source != parts["related"].selector)
        variants += [[*sources, *headings]] if headings else []
        variants += [[wider.selector, *(p.selector for n, p in parts.items() if n != "related")]] if wider else []
    best: FieldSelector | None = None
    for variant in variants:
        source = union(variant)
        support = sum(
            _through(sample, learned.table() | {"related_links": source}).related_links == sample.fields.related_links
            for sample in having
        )
        if best is None or support > best.support:
            shown = having[0].fields.related_links[0]
            best = FieldSelector("related_links", source, support, len(having), shown.title or shown.url)
    if best is not None:
        learned.places["related_links"] = best


def _headings(samples: Sequence[ReadPage], source: str) -> list[str]:
    """Selectors for the words that stand before the related block."""
    found = Counter(
        written
        for sample in samples
        for region in _select(source, sample)[:1]
        if (heading := sample.heading(region)) is not None and (written := by_heading(heading))
    )
    return [selector for selector, count in found.most_common(1) if count >= 0.5 * len(samples)]


def _through(sample: ReadPage, table: dict[str, Any]) -> Fields:
    """The page of *sample* read through the template *table*; empty fields where it does not hold."""
    page = templated(sample.page, table)
    found = extract([page])
    return Fields() if isinstance(found, Refusal) or not _by_template(found) else found


def _by_template(found: Fields) -> bool:
    """Whether the template held, and gave what was *found*."""
    return found.extracted_by.get("body") == "template"


def templated(page: Page, table: dict[str, Any]) -> Page:
    """*page* again, under its portal with the template *table*."""
    assert page.portal is not None
    return page.under(with_template(page.portal, table))


def with_template(portal: Portal, table: dict[str, Any]) -> Portal:
    """*portal* with the template *table* for every day."""
    template = Template.model_validate(
        {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    )
    return portal.model_copy(update={"template": template, "layout": ()})


def _prove(learned: LearnedTemplate, samples: Sequence[ReadPage]) -> None:
    """Reads all pages through the template and compares."""
    for place in learned.places.values():
        place.support = 0
        place.of = sum(getattr(sample.fields, place.field) not in (None, []) for sample in samples)
    for sample in samples:
        page = templated(sample.page, learned.table())
        found = extract([page])
        if isinstance(found, Refusal) or not _by_template(found):
            continue
        learned.held += 1
        for place in learned.places.values():
            value = getattr(sample.fields, place.field)
            place.support += value not in (None, []) and getattr(found, place.field) == value
        differing = [name for name in TEMPLATED if getattr(found, name) != getattr(sample.fields, name)]
        learned.wrong += bool(differing)
        learned.differing.update(differing)


def _shown(value: Any) -> str:
    """*value* as it is printed next to its selector."""
    if isinstance(value, list):
        value = " > ".join(item if isinstance(item, str) else item.title or item.url for item in value[:3])
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:39] + "…"
