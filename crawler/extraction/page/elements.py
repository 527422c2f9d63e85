"""How elements behave by their tag: inline or a block, shown or not, noted on the way through a page."""

from __future__ import annotations

from crawler.extraction.page.hints import HEADINGS

#: How elements behave: inline; never shown as text; their names are not looked at (there are many, and they say
#: little); end a line; leave the line as it is where they end.
INLINE, SKIPPED, UNNAMED, BREAK, GOES_ON, KNOWN, OUTSIDE, NOTED = 1, 2, 4, 8, 16, 32, 64, 128
_TAGS: dict[int, str] = {
    0: "article aside div footer form header main nav p section td th li ul ol dl dd dt table h1 h2 h3 h4 h5 h6",
    UNNAMED: "body html tr tbody thead",
    INLINE: "abbr acronym bdi bdo cite code data del dfn ins kbd label mark nobr q rb ruby s samp span strike time "
    "tt var wbr "
    "input o:p st1",
    INLINE | UNNAMED: "a b big em font i img small strong sub sup u",
    INLINE | UNNAMED | BREAK: "br",
    SKIPPED: "script style noscript template select option textarea iframe svg object applet head title button "
    "datalist rt rp "
    "canvas audio video math",
}
KINDS: dict[str, int] = {
    tag: kind | KNOWN | (GOES_ON if kind & INLINE else 0) for kind, tags in _TAGS.items() for tag in tags.split()
}
#: Elements that are noted on the way: those that tell of the page rather than show it, links, and what may hold the
#: text although it is not shown.
TELLING = ("base", "title", "meta", "link", "script", "time", "a")
CLOSED = ("noscript", "template", "button", "select", "object")
for _tag in (*TELLING, *CLOSED):
    KINDS[_tag] = KINDS.get(_tag, GOES_ON) | NOTED
PASSED = INLINE | UNNAMED  #: both: no node of its own, unless it holds others
UNSEEN = SKIPPED | OUTSIDE
#: A button in a heading shows and hides what the heading is for: its label is the heading.
HEADS = HEADINGS | {"dt"}
OF_HEADING = INLINE | UNNAMED | GOES_ON | KNOWN


def kind_of(tag: str) -> int:
    """How an element behaves: one without a meaning is a block, a custom one inline; neither ends a line."""
    return KINDS.get(tag) or (INLINE if "-" in tag else 0) | GOES_ON
