"""The Typer app; importing a command's module registers the command."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from crawler import __version__

#: The groups of the help, and the commands of each, in order. A test holds that every command is in one.
GROUPS = {
    "Crawl": "crawl replay extract portals demo schedule config",
    "Archive": "status verify repair reindex seal remove adopt merge pack push pull store cluster",
    "Read": "show history diff cite schema",
    "Analyse": "search queries browse report export changes health",
}
#: The modules of `cli` that define a command and what is below it, where it is not one of the same name.
MODULES = {
    **dict.fromkeys(("show", "history", "diff", "cite"), "read"),
    **dict.fromkeys(("seal", "remove", "adopt"), "maintain"),
    **dict.fromkeys(("push", "pull"), "store"),
    "reindex": "verify",
    "portals": "portals portals_check portals_new portals_recall portals_trial",
}
_HIDDEN = {"install_completion", "show_completion"}  #: options that the help leaves out, so that it fits a screen


class _Group(TyperGroup):
    """The command `citynews`: its help lists the commands by group."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of the help."""
        grouped = [name for names in GROUPS.values() for name in names.split()]
        return [*grouped, *(name for name in self.commands if name not in grouped)]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes one section for each group: name and first sentence of each command."""
        width = max(map(len, self.commands))
        limit = formatter.width - width - 4  # the indentation, and the gap between the columns
        for group, names in GROUPS.items():
            rows = [(name.ljust(width), self.commands[name].get_short_help_str(limit)) for name in names.split()]
            with formatter.section(group):
                formatter.write_dl(rows)

    def get_params(self, ctx: Any) -> Any:
        """The options; those of shell completion are hidden, and work all the same."""
        params = super().get_params(ctx)
        for param in params:
            if param.name in _HIDDEN:
                param.hidden = True  # type: ignore[attr-defined] # an option, not an argument
        return params


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich costs as much CPU as everything else that --help needs
    help="Crawl smart-city news portals into an archive of JSON lines and WARC that can be verified and replayed.",
)


def version(value: bool) -> None:
    """Prints the version and ends, where *value* is set."""
    if value:
        typer.echo(f"citynews {__version__}")
        raise typer.Exit


@app.callback()
def options(
    show: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Crawl smart-city news portals into an archive of JSON lines and WARC that can be verified and replayed."""
