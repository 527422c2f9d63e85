"""`citynews portals new`: a definition drafted from a live site, or from WARC files of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import inputs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Wait, set_logging
from crawler.cli.output import emit, printable
from crawler.cli.portals import portals_app
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.crawl.options import CrawlOptions
    from crawler.drafting import Draft, SurveyResult, Visit
    from crawler.portals import Portal


@portals_app.command("new")
def portals_new(
    url: Annotated[str, typer.Argument(help="A home page, a list of articles, or one article.")],
    name: Annotated[str | None, typer.Option("--name", help="The portal's name [default: from the host].")] = None,
    write: Annotated[Path, typer.Option("--write", help="The folder the definition is written to.")] = Path("portals"),
    from_warc: Annotated[
        list[Path] | None, typer.Option("--from-warc", help="Read these WARC files instead of the site. May repeat.")
    ] = None,
    articles: Annotated[int, typer.Option("--articles", min=5, max=100, help="Number of articles to learn from.")] = 20,
    delay: Annotated[float, typer.Option("--delay", min=0, help="Seconds between two requests.")] = 1.0,
    allow_host: AllowHost = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="The archive for what is fetched [default: NAME.archive].")
    ] = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Draft a definition: finds lists, feeds and article URLs, reads some 20 articles, learns where the fields are.

    Writes NAME.toml and a golden page, archives what was fetched. Exit code 3: nothing could be drafted.
    """
    from crawler import config, drafting
    from crawler.crawl.options import CrawlOptions
    from crawler.values import urls

    chosen = config.resolve(config_file, output, [])
    set_logging(quiet=True)
    asked = urls.clean(url)
    if asked is None:
        raise UsageError(f"{url}: not an http(s) address")
    name = inputs.portal_name(name, "--name") or drafting.name_of(urls.host_of(asked))
    target = write / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target}: exists already; move it, or give another --name or --write")
    archive = output or write / f"{name}.archive"
    options = CrawlOptions(
        config=replace(chosen, output=archive), allow_hosts=tuple(allow_host or chosen.allow_hosts), quiet=True,
        wait=wait,
    )  # fmt: skip
    made = [path for path in (archive, archive.parent) if not path.exists()]
    draft = None
    try:
        found = _survey(asked, articles, from_warc, lambda: _provisional(asked, name, delay), options)
        draft = drafting.draft(found, name, delay=delay, today=datetime.now(UTC).date().isoformat())
    except drafting.NothingFoundError as error:
        because = "; ".join([str(error), *getattr(error, "__notes__", ())])
        typer.echo(f"citynews: cannot draft a definition: {printable(because)}", err=True)
        raise typer.Exit(Exit.EXPECTATION) from None
    finally:
        if draft is None:
            _remove(made)
    files = [target, _write(draft, target), *([] if from_warc else [archive])]
    if as_json:
        emit(_summary(draft, files))
    else:
        _print(draft, files)


def _survey(
    url: str, articles: int, files: Sequence[Path] | None, portal: Callable[[], Portal], options: CrawlOptions
) -> SurveyResult:
    """What stands at *url* and behind its links: in *files*, else on the site, asked as *portal*.

    Raises UsageError, NothingFoundError; typer.Exit where the requests had to end.
    """
    from crawler import drafting
    from crawler.crawl.survey import SurveyStoppedError, ask_site
    from crawler.drafting.from_files import ask_files
    from crawler.replay import SourceError

    steps = drafting.Survey(url, articles).steps()
    try:
        if files:
            found = ask_files(steps, files, lambda gap: typer.echo(printable(gap), err=True))
        else:
            found = ask_site(steps, portal(), options)
    except SourceError as error:
        raise UsageError(str(error)) from error
    except SurveyStoppedError as ended:
        raise typer.Exit(ended.code) from None
    assert isinstance(found, drafting.SurveyResult)
    return found


def _remove(made: Sequence[Path]) -> None:
    """A command that failed leaves nothing behind of what it *made*: the archive, and the folder if it is empty."""
    import contextlib
    import shutil

    for folder in made:
        if (folder / "runs").exists() or (folder / "README.md").exists():
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


def _provisional(url: str, name: str, delay: float) -> Portal:
    """What the survey is polite by: the host, the delay, a bound."""
    from urllib.parse import urlsplit

    from crawler import portals
    from crawler.values import urls

    host = urls.host_of(url)
    home = f"{urlsplit(url).scheme}://{host}/"
    return portals.minimal(name, home=home, domain=host, article_urls=".", delay=delay, max_requests=300)


def _write(draft: Draft, target: Path) -> Path:
    """Writes the definition to *target* and a golden page next to it, whose folder is returned."""
    from crawler.drafting import golden

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draft.text, "utf-8")
    folder = target.parent / golden.FOLDER / target.stem / "drafted"
    golden.write(folder, replace(_typical(draft), portal=draft.portal))
    return folder


def _typical(draft: Draft) -> Visit:
    """An article of one page whose text is of middling length."""
    single = [visit for visit in draft.visits if sum(c.role == "page" for c in visit.captures) == len(visit.captures)]
    ordered = sorted(single or draft.visits, key=lambda visit: len(visit.captures[0].payload))
    return ordered[len(ordered) // 2]


def _print(draft: Draft, files: Sequence[Path]) -> None:
    """What a person judges the draft by, in a minute."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table("field", "has it", "place", "same value", "for example", box=None, pad_edge=False)
    places = draft.learned.places if draft.learned is not None else {}
    for name, share in draft.coverage.items():
        place = places.get(name)
        row = (place.selector, f"{place.support}/{place.of}", place.value) if place else ("", "", "")
        if share or place:
            table.add_row(name, f"{share:.0%}", *(_cell(cell) for cell in row))
    console.print(table)
    found = draft.portal.discover
    for key in ("pages", "feeds", "sitemaps", "article_urls", "list_urls"):
        for entry in getattr(found, key):
            console.print(f"{key}: {printable(getattr(entry, 'pattern', entry))}", markup=False)
    for note in draft.notes:
        console.print(f"note: {printable(note)}", markup=False)
    for path in files:
        console.print(f"wrote {path}", markup=False)


def _cell(text: str) -> str:
    shown = printable(text).replace("[", r"\[")
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _summary(draft: Draft, files: Sequence[Path]) -> Json:
    learned = draft.learned
    return {
        "name": draft.portal.name,
        "articles": len(draft.visits),
        "coverage": draft.coverage,
        "template": None if learned is None else {
            "used": learned.good, "pages": learned.pages, "held": learned.held, "differing": dict(learned.differing),
            "support": {name: [place.support, place.of] for name, place in learned.places.items()},
        },
        "notes": draft.notes,
        "files": [str(path) for path in files],
    }  # fmt: skip
