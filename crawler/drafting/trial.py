"""A live look at portals as one file that anybody can judge again: definitions, captures, and what was made of them.

The report is always read from the file, also right after the look: who gets the file sees what the first reader saw.
The captures are the site's answers alone. Requests, and who sent them, are left out, and so are the private values of
definitions.
"""

from __future__ import annotations

import gzip
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from crawler import __version__
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import records
from crawler.archive.warc.third_party import Response
from crawler.article import Refusal
from crawler.drafting import check, sharing, site_facts
from crawler.drafting.check import Inspection
from crawler.drafting.from_files import ask_files, responses
from crawler.drafting.site_facts import counted
from crawler.portals import Portal, parse

SCHEMA = "citynews/trial/1"
_WARC, _ABOUT, _REPORT = "captures.warc.gz", "trial.json", "report.json"
_DEFINITION = re.compile(r"definitions/([a-z0-9-]{1,64})\.toml")
_LARGEST = {_WARC: 2 << 30, _REPORT: 16 << 20}  #: bytes that a member may unpack to
_DEFINITIONS = 1 << 20


LocalLists = dict[str, list[str] | str]


class NotATrialError(Exception):
    """The file is no trial, or a broken one; the message names it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file holds: definitions, the captures, how many articles were asked for, what was reported then."""

    portals: list[Portal]
    warc: Path
    articles: int
    local: dict[str, LocalLists]  #: portal -> what its local lists named
    unanswered: dict[str, dict[str, str]]  #: portal -> address, or name of a request for data -> why no answer came
    reported: list[Json]


def pack(
    target: Path,
    seen: Sequence[Inspection],
    warcs: Iterable[Path],
    articles: int,
    local: Mapping[str, LocalLists],
    contact: str,
) -> list[str]:
    """Writes definitions and captures into *target*, a ZIP file; returns what of both is left out of it.

    *local* is what the local lists of each portal named, as :func:`check.local_lists` gives it. Raises OSError.
    """
    portals = [inspection.portal for inspection in seen]
    secret = sharing.secrets(portals, contact)
    left_out: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        with package.open(_WARC, "w") as file:
            for path in warcs:
                file.writelines(_answers_in(path, secret, left_out))
        for portal in portals:
            text, private = sharing.shareable(portal)
            package.writestr(f"definitions/{portal.name}.toml", text)
            left_out += [f"{portal.name}: {key}" for key in private]
        lists = {portal.name: _asked_for(portal, articles, local[portal.name]) for portal in portals}
        about = {
            "local": {name: names for name, names in lists.items() if names},
            "unanswered": {
                inspection.portal.name: inspection.unanswered for inspection in seen if inspection.unanswered
            },
        }
        package.writestr(_ABOUT, _report([], articles, about))
    return left_out


def _answers_in(path: Path, secret: Collection[bytes], left_out: list[str]) -> Iterator[bytes]:
    """The answers in *path* as members, without what they repeat of *secret*, which is noted in *left_out*."""
    with path.open("rb") as source:
        for record in records(path):
            if record.kind not in {"response", "revisit"}:
                continue
            try:
                hidden = sharing.masked(record, secret)
            except DamagedError:  # nobody could read it
                left_out.append(record.target)
                continue
            if hidden is not None:
                left_out.append(f"{record.target}: what it repeats of who asked")
            source.seek(record.offset)
            yield hidden or source.read(record.length)


def _asked_for(portal: Portal, articles: int, local: LocalLists) -> LocalLists:
    """What *local* lists name of the portal's articles, as many as were asked for: the rest is nobody's business."""
    return {
        sharing.local_name(url): named
        if isinstance(named, str)
        else [address for address in named if portal.is_article(portal.bare(address)[0])][:articles]
        for url, named in local.items()
    }


def report(target: Path, found: Sequence[Json], articles: int) -> None:
    """Puts *found* into the trial *target*, whose report is empty so far."""
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as package:
        package.writestr(_REPORT, _report(found, articles))


def unpack(path: Path, folder: Path) -> Trial:
    """The trial in *path*, unpacked into *folder*. Raises NotATrialError, DefinitionError."""
    try:
        with zipfile.ZipFile(path) as package:
            names = {info.filename: info for info in package.infolist()}
            stated = [orjson.loads(_member(package, names[name])) for name in (_ABOUT, _REPORT) if name in names]
            if not stated or any(judged.get("schema") != SCHEMA for judged in stated):
                raise NotATrialError(f"{path}: not a trial of this version ({SCHEMA})")
            warc = folder / _WARC
            warc.write_bytes(_member(package, names[_WARC]))
            portals = [
                parse(_member(package, info).decode(), f"{path}: {name}")
                for name, info in sorted(names.items()) if _DEFINITION.fullmatch(name)
            ]  # fmt: skip
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise NotATrialError(f"{path}: not a trial: {error}") from error
    about, reported = stated[0], list(stated[-1]["portals"])
    return Trial(portals, warc, int(about["articles"]), about.get("local", {}), about.get("unanswered", {}), reported)


def _member(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > _LARGEST.get(info.filename, _DEFINITIONS):
        raise ValueError(f"{info.filename} is too large")
    return package.read(info)


def _report(found: Sequence[Json], articles: int, about: Json = {}) -> bytes:  # noqa: B006 - read only
    stated: Json = {"schema": SCHEMA, "citynews": __version__, "articles": articles, "portals": list(found)}
    return orjson.dumps(stated | {name: value for name, value in about.items() if value}, option=orjson.OPT_INDENT_2)


def judge(trial: Trial) -> list[Json]:
    """What this version makes of the captures, by portal."""
    seen = _answers(trial.warc)
    return [_judged(portal, trial, seen) for portal in trial.portals]


def _answers(warc: Path) -> list[Response]:
    with gzip.open(warc) as file:
        if not file.read(1):
            return []  # nothing answered at all
    return list(responses([warc], lambda gap: None))


def _judged(portal: Portal, trial: Trial, answers: Sequence[Response]) -> Json:
    own = [answer for answer in answers if portal.owns(answer.url)]
    pages = [request for request in own if urlsplit(request.url).path != "/robots.txt"]
    asked = check.steps(portal, trial.articles, trial.local.get(portal.name, {}))
    unanswered = trial.unanswered.get(portal.name, {})
    inspection = ask_files(asked, [trial.warc] if answers else [], lambda gap: None, unanswered)
    check.find_problems(inspection, None, [])
    refused = Counter(result.reason for result in inspection.results if isinstance(result, Refusal))
    return {
        "portal": portal.name,
        "at": max((lookup.date.date().isoformat() for lookup in own), default=None),
        "robots": {urlsplit(e.url).netloc: e.status for e in own if urlsplit(e.url).path == "/robots.txt"},
        "statuses": counted(str(page.status) for page in pages),
        "discovery": inspection.found,
        "failed": inspection.failed,
        "asked": len(inspection.results),
        "articles": len(inspection.articles),
        "refused": dict(refused.most_common()),
        "coverage": inspection.coverage(),
        "expected": dict(portal.expect.coverage),
        **site_facts.facts(portal, own, inspection),
        "problems": inspection.problems,
    }


def differences(before: Sequence[Json], now: Sequence[Json]) -> list[str]:
    """In which parts of the report this version reads the captures otherwise than the one that wrote the file."""
    known: Mapping[str, Json] = {sentence["portal"]: sentence for sentence in before}
    return [
        f"{judged['portal']}: {key}: {known[judged['portal']].get(key)} then, {value} now"
        for judged in now if judged["portal"] in known
        for key, value in judged.items() if known[judged["portal"]].get(key, value) != value
    ]  # fmt: skip


def seen_on(text: str, day: str, folder: Path | None = None) -> str:
    """The TOML *text* of a definition, of *folder*, with ``last_seen`` set to *day*. Raises DefinitionError."""
    line = f'last_seen = "{day}"'
    if re.search(r"(?m)^last_seen\s*=", text):
        changed = re.sub(r"(?m)^last_seen\s*=.*$", line, text, count=1)
    else:
        table = re.search(r"(?m)^\[", text)
        at = table.start() if table else len(text)
        changed = f"{text[:at].rstrip()}\n{line}\n\n{text[at:]}"
    parse(changed, "the definition with another last_seen", folder)
    return changed
