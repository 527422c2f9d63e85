"""Lists that a script asks for page by page: what to try of a list page's script, and a table [[discover.api]] of it.

Only what was asked and answered is drafted: two pages of it differ, and its rows name addresses of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from crawler.article import Capture
from crawler.assembly import charset_of
from crawler.drafting.document import Document
from crawler.drafting.javascript import Script, Text, as_form, as_json
from crawler.drafting.script_calls import FORM, ScriptCall, calls
from crawler.portals import api
from crawler.portals.api import ApiStep
from crawler.portals.sections import Api
from crawler.values import urls
from crawler.values.paging import is_page_parameter

MOST = 4  #: requests of a site's scripts that are tried
LEAST = 3  #: addresses that make a list
PLACE = "{page}"
TRIED = (0, 1, 2)  #: numbers of pages that are asked for: some count from 0
_DEEPEST = 5  #: levels of an answer in which rows are looked for
_HREF = re.compile(r"(?:href|url|src)\s*=\s*\\?[\"']?([^\"'\s>\\]*\{\w+\}[^\"'\s>\\]*)")
_ADDRESS = re.compile(r"(?:https?:/)?/?[^\s\"'<>{}]*[/.?][^\s\"'<>{}]*")
_LINKED = re.compile(r"<a\b", re.IGNORECASE)
#: The number of a page that is asked for as it stands: {page: 1}.
_PAGE_VALUE = re.compile(
    r"((?:^|[?&{,\s])[\"']?(?:page|page_?no|page_?num|page_?index|cur(?:rent)?_?page|pn)[\"']?\s*[=:]\s*)[01]\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"time|date|publish|created|日期|时间", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScriptedList:
    """A list that answered: the keys of its table, and the addresses on the pages that were asked for."""

    rows: Api
    addresses: tuple[str, ...] = ()  #: (none: it was not asked)


def requests(document: Document, domain: str) -> list[Api]:
    """What the scripts on the list page *document* ask for, page by page, of the site *domain*."""
    script = Script(_scripts(document))
    found = []
    for call in calls(script):
        rows = _asked(call, script, document.url)
        if rows is not None and urls.in_domains(rows.url, (domain,)) and rows not in found:
            found.append(rows)
    return found[:MOST]


def steps(asked: Api) -> list[ApiStep]:
    """The pages of *asked* that show whether it is a list, and from which number on."""
    return [ApiStep(asked, number) for number in TRIED]


def judge(asked: Api, answers: Sequence[Capture | None], document: Document, domain: str) -> ScriptedList | None:
    """The list that *asked* proved to be by its *answers* to :func:`steps`; None where it is none."""
    templates = list(_templates(Script(_scripts(document))))
    texts = [_text(answer) for answer in answers]
    for rows in _readings(asked, texts, templates):
        pages = [_addresses(rows, number, text, document, domain) for number, text in zip(TRIED, texts, strict=True)]
        zero, first, second = pages
        if len(set(first)) < LEAST or (second and set(second) <= set(first)):
            continue
        counted = 0 if len(set(zero)) >= LEAST and not set(zero) & set(first) else 1
        every = dict.fromkeys([*(zero if counted == 0 else []), *first, *second])
        return ScriptedList(rows.model_copy(update={"first_page": counted}), tuple(every))
    return None


# -- what is asked -----------------------------------------------------------------------------------------------------


def _scripts(document: Document) -> str:
    return "\n".join(map(str, document.page.root.xpath("//script[not(@src)]/text()")))


def _asked(request: ScriptCall, script: Script, base: str) -> Api | None:
    """The table that asks what *request* asks; None where it asks for no page, or what it asks is not stated."""
    query = as_form(request.params)
    parts: Text = request.url if not query else (*request.url, "&" if "?" in _shown(request.url) else "?", *query)
    data: Text = ()
    if request.method == "POST" and request.data is not None:
        as_text = as_json if request.as_json else as_form
        data = as_text(request.data) if isinstance(request.data, dict) else request.data
    url, body = _filled(parts, script), _filled(data, script)
    if url is None or body is None or PLACE not in f"{url} {body}":
        return None
    full = urls.clean(url.replace(PLACE, "0page0"), base)
    if full is None:
        return None
    headers = {"X-Requested-With": "XMLHttpRequest"} if request.by_jquery else {}
    if request.method == "POST":
        headers["Content-Type"] = "application/json" if body.startswith("{") else FORM
    return Api(url=full.replace("0page0", PLACE), method=_method(request), headers=headers, body=body)


def _method(request: ScriptCall) -> Any:
    return "POST" if request.method == "POST" else "GET"


def _shown(text: Text) -> str:
    return "".join(part if isinstance(part, str) else "" for part in text)


def _filled(text: Text, script: Script) -> str | None:
    """*text* with the number of a page in its place, and the values of other names; None where one is not stated."""
    found = ""
    for part in text:
        if isinstance(part, str):
            found += part
            continue
        key = re.search(r"(\w+)[\"']?\s*[=:]\s*[\"']?$", found)
        if (key is not None and is_page_parameter(key[1])) or is_page_parameter(part.name):
            found += PLACE
        elif part.name and (value := script.stated(part.name)) is not None:
            found += value
        else:
            return None
    return found if PLACE in found else _PAGE_VALUE.sub(lambda match: match[1] + PLACE, found, count=1)


# -- what is answered --------------------------------------------------------------------------------------------------


def _text(answer: Capture | None) -> str:
    """The text of *answer*; "" where there is none."""
    if answer is None or answer.status != 200:
        return ""
    body = Document(answer.url, answer).body
    charset = charset_of(answer.header("content-type")) or "utf-8"
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _readings(asked: Api, texts: Sequence[str], templates: Sequence[str]) -> Iterator[Api]:
    """The ways in which the answers may be read: rows and what links them, HTML in JSON, HTML."""
    text = next(filter(None, texts[1:]), "")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        if _LINKED.search(text):
            yield asked
        return
    for path, value in _walk(data):
        if isinstance(value, str) and len(_LINKED.findall(value)) >= LEAST:
            yield asked.model_copy(update={"html": path})
        elif isinstance(value, list) and len(value) >= LEAST and all(isinstance(row, dict) for row in value):
            for link in _links(value, templates):
                yield asked.model_copy(update={"items": path, "link": link, "dated": _dated(value)})


def _walk(data: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    yield path, data
    if isinstance(data, dict) and depth < _DEEPEST:
        for key, value in data.items():
            if re.fullmatch(r"\w{1,60}", key):
                yield from _walk(value, f"{path}.{key}" if path else key, depth + 1)


def _links(rows: Sequence[Mapping[str, Any]], templates: Sequence[str]) -> Iterator[str]:
    """Templates of a row's address: a value that is one, then what the script puts together of a row's values."""
    keys = [key for key in rows[0] if re.fullmatch(r"\w{1,60}", key)]
    for key in keys:
        values = [str(row.get(key) or "") for row in rows]
        if len(set(values)) == len(values) and all(map(_ADDRESS.fullmatch, values)):
            yield f"{{{key}}}"
    for template in templates:
        if set(re.findall(r"\{(\w+)\}", template)) <= set(keys):
            yield template


def _templates(script: Script) -> Iterator[str]:
    """Addresses that the script puts together, its names as {name}."""
    for text in script.texts():
        joined = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in text)
        yield from _HREF.findall(joined)
        if joined.startswith(("/", "http")) and re.fullmatch(r"[^\s\"'<>]*\{\w+\}[^\s\"'<>]*", joined):
            yield joined


def _dated(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The path in a row to its time."""
    now = datetime(2100, 1, 1, tzinfo=ZoneInfo("UTC"))
    zone = ZoneInfo("UTC")
    keys = [key for key in rows[0] if re.fullmatch(r"\w{1,60}", key) and _DATED.search(key)]
    return next((key for key in keys if all(api.moment(row.get(key), zone, now) for row in rows)), None)


def _addresses(rows: Api, number: int, text: str, document: Document, domain: str) -> list[str]:
    """The addresses of the site on page *number*, as a crawl would read them in *text*."""
    step = ApiStep(rows, number)
    try:
        found, _ = api.read(text, step.url(), step, ZoneInfo("UTC"), document.capture.fetched_at)
    except api.AnswerError:
        return []
    return [urls.bare(link.url, document.drop)[0] for link in found if urls.in_domains(link.url, (domain,))]
