"""Whether a portal kept what its definition expects: the sentences behind exit code 3."""

from __future__ import annotations

from crawler.archive.tally import Tally
from crawler.portals import Portal

#: Below this many articles a share says nothing.
ENOUGH = 5


def judge(portal: Portal, tally: Tally, archived: int) -> list[str]:
    """What is wrong with *portal* after a run, in sentences; [] when all is well. *archived*: its articles so far."""
    if not tally.requests and tally.limits:
        return []  # left alone: quiet hours, or the server asked for it
    if tally.discovery["asked"] and not tally.discovery["answered"]:
        return [f"no discovery page answered ({_why(tally)})"]
    wrong = []
    expect = portal.expect
    if expect.articles_min is not None and len(tally.seen) < expect.articles_min:
        wrong.append(f"{len(tally.seen)} articles found in discovery, expected at least {expect.articles_min}")
    if tally.asked and not tally.extracted and (tally.asked >= ENOUGH or not archived) and not _only_limits(tally):
        wrong.append(f"none of {tally.asked} article pages was an article ({_why(tally)})")
    if tally.extracted >= ENOUGH:
        shares = tally.coverage()
        for name, least in sorted(expect.coverage.items()):
            if shares[name] < least:
                wrong.append(f"{name} on {shares[name]:.0%} of {tally.extracted} articles, expected {least:.0%}")
        if (sentence := _template(portal, tally)) is not None:
            wrong.append(sentence)
    return wrong


def _template(portal: Portal, tally: Tally) -> str | None:
    """What is to be said of a template that holds on too few pages: the layout has changed."""
    held, least = tally.template["held"], portal.expect.template
    read = held + tally.template["missed"]
    if least is None or read < ENOUGH or held >= least * read:
        return None
    return (
        f"the template holds on {held} of {read} articles, expected {least:.0%}: the others were read whole; "
        f"`citynews portals check {portal.name} --repair` learns it anew"
    )


def _only_limits(tally: Tally) -> bool:
    """Whether nothing came back because nothing was let out."""
    return not tally.outcomes and bool(tally.limits)


def _why(tally: Tally) -> str:
    reasons = [f"{name} {count}" for name, count in (tally.failures + tally.drops).most_common(3)]
    statuses = [f"HTTP {name} {count}" for name, count in tally.statuses.most_common(2) if name != "200"]
    return ", ".join(reasons or statuses) or "nothing came back"
