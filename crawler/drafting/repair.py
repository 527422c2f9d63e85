"""A new template, next to the one that archived pages are still read with."""

from __future__ import annotations

from datetime import date

from crawler.drafting.check import Inspection, without_template
from crawler.drafting.induce import LearnedTemplate, learn
from crawler.drafting.toml_writer import inline_table, template
from crawler.extraction import Page
from crawler.portals import Portal, parse


def learn_again(seen: Inspection) -> LearnedTemplate | None:
    """The template of the pages as they are now; None where they are too few or nothing stands still in them."""
    plain = seen.portal.model_copy(update={"template": None, "layout": ()})
    return learn([visit.page.under(plain) for visit in seen.visits if isinstance(visit.page, Page)])


def repaired(portal: Portal, learned: LearnedTemplate, today: date) -> str:
    """The definition of *portal* with the new template; the old one holds for pages fetched before *today*.

    Rules of [extract] stay, and hold for older pages as well. Raises DefinitionError where it cannot be written so.
    """
    rows = [without_template(portal.text), *template(learned)]
    rules = {name: selector.source for name, selector in portal.extract.rules().items()}
    if portal.template is not None or rules:
        rows += ["", "[[layout]]", f"until = {today.isoformat()}"]
        rows += [f"extract = {inline_table(rules)}"] if rules else []
        rows += [f"template = {inline_table(_table(portal))}"] if portal.template is not None else []
    text = "\n".join(rows) + "\n"
    parse(text, portal.name)
    return text


def _table(portal: Portal) -> dict[str, object]:
    """The keys of the portal's template."""
    old = portal.template
    assert old is not None
    table: dict[str, object] = {name: selector.source for name, selector in old.places.items()}
    return table | {"always": list(old.always), "shortest": old.shortest}
