"""The golden pages: tests/fixtures/pages/<case>/{page.html, meta.toml, expected.json}, all of our own making."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler import portals
from crawler.article import Refusal
from crawler.extraction import Page, counter, extract, next_page
from crawler.portals import Portal
from crawler.values.urls import host_of

PAGES = Path(__file__).parents[1] / "tests" / "fixtures" / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())


def meta_of(case: str) -> dict[str, Any]:
    return tomllib.loads((PAGES / case / "meta.toml").read_text("utf-8"))


def portal_of(meta: dict[str, Any]) -> Portal | None:
    """A portal of the family that a page is an example of: what a definition of a few lines gives."""
    if "family" not in meta:
        return None
    host = host_of(meta["url"])
    articles = "" if portals.family(meta["family"]).get("discover", {}).get("article_urls") else "article_urls = ['.']"
    text = f"""name = "example"\ntitle = "Example"\nhome = "https://{host}/"\ndomains = ["{host}"]\nlanguage = "zh"
timezone = "Asia/Shanghai"\nfamily = "{meta["family"]}"\n[discover]\npages = ["https://{host}/"]\n{articles}"""
    return portals.parse(text, meta["family"])


def read(case: str) -> tuple[Page, bytes | None]:
    """The page of *case*, and the answer of its counter if it has one."""
    meta = meta_of(case)
    page = Page(
        (PAGES / case / "page.html").read_bytes(),
        url=meta["url"],
        fetched_at=meta["fetched_at"],
        charset=meta.get("charset"),
        timezone=meta.get("timezone"),
        portal=portal_of(meta),
    )
    answer = meta.get("counter")
    return page, answer.encode() if answer is not None else None


def found(case: str) -> dict[str, Any]:
    """Everything that is asked of a page, as JSON data."""
    page, answer = read(case)
    asked, following = counter(page), next_page(page)
    fields = extract([page], answer)
    record: dict[str, Any] = {"refused": fields.reason} if isinstance(fields, Refusal) else asdict(fields)
    record["counter"] = {"url": asked.url, "increments": asked.increments} if asked else None
    record["next_page"] = following
    return record
