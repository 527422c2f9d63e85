"""`citynews cluster`: many machines on Dask distributed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.options import AllowHost, AsJson, ConfigFile, MaxMinutes, Portals, Quiet, Unverified, set_logging
from crawler.cli.output import ago, emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.cli.stores import Store, checked_name, opened
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.cluster.driver import ClusterRound, CrawlEnded, CrawlTask
    from crawler.cluster.engine import Certificates
    from crawler.config import Config, StoreChoice
    from crawler.portals import Portal

cluster = typer.Typer(no_args_is_help=True, help="Crawls and replays on many machines, with Dask.")
app.add_typer(cluster, name="cluster")

Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="URL", help="tls://HOST:PORT [default: a cluster of this machine]."),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Without --scheduler: processes on this machine.")]
Ca = Annotated[Path | None, typer.Option("--tls-ca", help="Certificate of the authority that signed the others.")]
Cert = Annotated[Path | None, typer.Option("--tls-cert", help="This machine's certificate.")]
Key = Annotated[Path | None, typer.Option("--tls-key", help="Its key.")]
Insecure = Annotated[bool, typer.Option("--insecure", help="Allow tcp:// to other machines.")]
Dashboard = Annotated[str, typer.Option("--dashboard", help="HOST:PORT of Dask's dashboard; needs bokeh.")]


@cluster.command(name="crawl")
@with_options(PortalFilters)
def crawl_cluster(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals to crawl.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The portals of `crawl --all`.")] = False,
    unverified: Unverified = False,
    filters: PortalFilters = ALL_PORTALS,
    store: Store = None,
    round_name: Annotated[
        str | None, typer.Option("--round", metavar="NAME", help="Name of the round, crawled once [default: the hour].")
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = 4,
    portal_files: Portals = None,
    limit: Annotated[int, typer.Option(min=0, help="Request at most this many articles per portal.")] = 0,
    max_minutes: MaxMinutes = None,
    allow_host: AllowHost = None,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    dashboard: Dashboard = "127.0.0.1:0",
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Crawl portals as tasks of a cluster, each into its own archive in the store.

    The same command with the same round continues where it stopped. The exit code is the worst of all portals.
    """
    from crawler import config
    from crawler.cluster.driver import drive
    from crawler.cluster.engine import Certificates, connected
    from crawler.values.stop_signals import StopSignals

    chosen = config.resolve(config_file, None, portal_files or [], max_minutes)
    found = inputs.select_known(chosen, names or [], filters, everything=everything, unverified=unverified, quiet=quiet)
    target = opened(store, chosen.store, make=True)
    current = round_name or f"{datetime.now(UTC):%Y-%m-%dT%H}"
    hosts = tuple(allow_host or chosen.allow_hosts)
    orders = _orders(found, target.url, current, limit, hosts)
    set_logging(quiet=quiet)
    with (
        StopSignals() as signals,
        connected(
            scheduler, workers=workers, certificates=Certificates(ca, cert, key), insecure=insecure, dashboard=dashboard
        ) as client,
    ):
        if not quiet:
            typer.echo(f"round {current}: {len(orders)} archives; dashboard: {client.dashboard_link}", err=True)
        done = drive(
            client, orders, _environment(chosen), stop=signals.came,
            on_ended=lambda ended: None if quiet else _progress(ended),
        )  # fmt: skip
    code = Exit(signals.code() or done.code)
    if done.lost:
        typer.echo(f"the scheduler is gone; its workers close and push what they have (round {current})", err=True)
    if not quiet and done.left:
        typer.echo(f"not finished, run the same command again: {', '.join(done.left)}", err=True)
    if as_json:
        emit(_summary(done, current, code))
    raise typer.Exit(code)


@cluster.command(name="replay")
def replay_cluster(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="WARC files, folders of them, or WACZ.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the new archive.")],
    scheduler: Scheduler = None,
    workers: Workers = 4,
    portal_files: Portals = None,
    fallback: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="The portal for pages outside of all portals' domains.")
    ] = None,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    dashboard: Dashboard = "127.0.0.1:0",
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Replay with the workers of a cluster: they extract the pages, this process decides; the same lines as `replay`.

    The workers read the WARC files under the same paths: on this machine, or from a shared file system.
    """
    from crawler import config
    from crawler.cli.replay import end
    from crawler.cluster import restoring
    from crawler.cluster.engine import Certificates, connected
    from crawler.replay import session

    set_logging(quiet=quiet)
    name = None if fallback is None else inputs.portal_name(fallback, "--as")
    chosen = config.resolve(config_file, output, [])
    with connected(
        scheduler, workers=workers, certificates=Certificates(ca, cert, key), insecure=insecure, dashboard=dashboard
    ) as client:
        report = session.replay(
            sources, output, overrides=portal_files or [], fallback=name, jobs=restoring.workers(client),
            fixes=chosen.fixes, folder=chosen.folder.absolute(),
        )  # fmt: skip
    end(report, chosen, quiet=quiet, as_json=as_json)


@cluster.command()
def status(store: Store = None, config_file: ConfigFile = None, as_json: AsJson = False) -> None:
    """State of the store: each archive, its last run, its round, and who has the turn."""
    from crawler import config
    from crawler.article import parse_moment
    from crawler.store import survey, turn

    chosen = config.resolve(config_file, None, [])
    base = opened(store, chosen.store)
    known = {found["name"]: found for found in survey.archives(base)}
    for name in base.names():
        held, now = turn.look(base.below(name), chosen.store.ttl)
        last = known.get(name)
        holder = turn.holder(base.below(name), held.number) if held and held.live else None
        if as_json:
            emit({"name": name, "last": last, "holder": holder})
            continue
        ran = "no run yet"
        if last is not None:
            when = ago(parse_moment(last["finished_at"]), now)
            ran = f"run {last['runs']} ended {when} with {last['exit_code']}, round {last['round']}"
        who = f"; visited by process {holder.get('pid')} on {holder.get('host')}" if holder else ""
        typer.echo(printable(f"{name}: {ran}{who}"))


@cluster.command()
def stop(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ARCHIVE]...", help="Archives [default: all].")] = None,
    store: Store = None,
    config_file: ConfigFile = None,
) -> None:
    """Stop the crawls of archives: each closes its run and pushes it."""
    from crawler import config
    from crawler.store import turn

    chosen = config.resolve(config_file, None, [])
    base = opened(store, chosen.store)
    for name in map(checked_name, names or base.names()):
        held = turn.stop(base.below(name), chosen.store.ttl)
        said = "nobody visits" if held is None else "asked to end"
        typer.echo(f"{name}: {said}")


@cluster.command()
def scheduler(
    address: Annotated[str, typer.Argument(metavar="URL", help="Where it listens: tls://HOST:8786.")],
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
    dashboard: Dashboard = "127.0.0.1:8787",
) -> None:
    """Run a Dask scheduler with the settings that crawls need."""
    certificates, parts = _checked(address, ca, cert, key, insecure=insecure)
    from crawler.cluster.engine import run_dask

    where = ["--protocol", parts.scheme, "--host", parts.hostname, "--port", str(parts.port or 8786)]
    run_dask("scheduler", [*where, "--dashboard-address", dashboard, *certificates.arguments()])


@cluster.command()
def worker(
    address: Annotated[str, typer.Argument(metavar="URL", help="The scheduler: tls://HOST:8786.")],
    slots: Annotated[int, typer.Option("--slots", min=1, help="Concurrent crawls.")] = 4,
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    insecure: Insecure = False,
) -> None:
    """Run a Dask worker. The credentials of the store come from its own environment."""
    certificates, _ = _checked(address, ca, cert, key, insecure=insecure)
    from crawler.cluster.engine import run_dask

    limits = ["--nworkers", "1", "--nthreads", str(slots), "--memory-limit", "0", "--no-dashboard"]
    run_dask("worker", [address, *limits, *certificates.arguments()])


def _checked(
    address: str, ca: Path | None, cert: Path | None, key: Path | None, *, insecure: bool
) -> tuple[Certificates, Any]:
    from urllib.parse import urlsplit

    from crawler.cluster.engine import Certificates, check_address

    check_address(address, insecure=insecure)
    certificates = Certificates(ca, cert, key)
    certificates.security()
    return certificates, urlsplit(address)


def _orders(found: list[Portal], url: str, current: str, limit: int, hosts: tuple[str, ...]) -> list[CrawlTask]:
    """A task for each group of portals that share a site."""
    from crawler.cluster.driver import CrawlTask, groups_of
    from crawler.store.visit import archive_name
    from crawler.values.urls import site_of

    known = {portal.name: portal for portal in found}
    sites = [(portal.name, frozenset(map(site_of, portal.domains))) for portal in found]
    orders = []
    for group in groups_of(sites):
        arguments = ["crawl", *group, "--store", url, "--round", current, "--limit", str(limit)]
        arguments += [word for host in hosts for word in ("--allow-host", host)]
        orders.append(CrawlTask(archive_name(group, None), arguments, {name: known[name].text for name in group}))
    return orders


def _environment(chosen: Config) -> dict[str, str]:
    """The operator's choices, for the attempts on other machines. No keys."""
    store: StoreChoice = chosen.store
    return {
        "CITYNEWS_CONTACT": chosen.contact,
        "CITYNEWS_MAX_MINUTES": str(chosen.max_minutes),
        "CITYNEWS_QUIET_HOURS": chosen.quiet_hours or "",
        "CITYNEWS_STORE_ENDPOINT": store.endpoint,
        "CITYNEWS_STORE_REGION": store.region,
        "CITYNEWS_STORE_ALLOW_HTTP": str(store.allow_http).lower(),
        "CITYNEWS_STORE_PATH_STYLE": str(store.path_style).lower(),
        "CITYNEWS_STORE_TTL": str(store.ttl),
    }


def _progress(ended: CrawlEnded) -> None:
    tallies = ((ended.summary or {}).get("portals") or {}).values()
    asked = sum(tally["requests"] for tally in tallies)
    new = sum(tally["outcomes"].get("new", 0) for tally in tallies)
    line = f"{ended.archive}: exit {ended.code}, {asked} requests, {new} new, attempt {ended.attempts}, {ended.host}"
    typer.echo(printable(line), err=True)
    if ended.code not in {Exit.OK, Exit.EXPECTATION} and ended.said:
        typer.echo(printable(ended.said.strip().rpartition("\n")[2]), err=True)


def _summary(done: ClusterRound, current: str, code: Exit) -> dict[str, Any]:
    archives = {
        crawl.archive: {
            "exit_code": crawl.code, "attempts": crawl.attempts, "host": crawl.host,
            "run": (crawl.summary or {}).get("run"), "portals": (crawl.summary or {}).get("portals") or {},
        }
        for crawl in sorted(done.ended, key=lambda crawl: crawl.archive)
    }  # fmt: skip
    return {"round": current, "exit_code": int(code), "archives": archives, "left": done.left}
