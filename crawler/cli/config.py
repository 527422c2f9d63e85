"""`citynews config`."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli.app import app
from crawler.cli.options import ConfigFile, Output, Portals
from crawler.cli.output import emit


@app.command("config")
def config(
    sample: Annotated[bool, typer.Option("--sample", help="Print a citynews.toml that explains every key.")] = False,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
) -> None:
    """Print the effective configuration, or a sample file.

    Without --sample: one line of JSON, from options, environment variables and citynews.toml.
    """
    from crawler import config as choices
    from crawler.article import as_record
    from crawler.config.sample import sample as sample_file

    if sample:
        typer.echo(sample_file(), nl=False)
        return
    chosen = choices.resolve(config_file, output, portal_files or [])
    record = as_record(chosen)
    record |= {
        "output": str(chosen.output),
        "folder": str(chosen.folder),
        "portals": [str(path) for path in chosen.portals],
    }
    record["proxy"] = choices.without_password(chosen.proxy)
    record["proxies"] = {name: choices.without_password(proxy) for name, proxy in chosen.proxies.items()}
    emit(record)
