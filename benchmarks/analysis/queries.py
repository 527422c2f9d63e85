"""Searches and articles as `citynews browse` asks for them, over the index of an archive."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crawler.analysis.browse import article_page, results, search_page
from crawler.analysis.browse.state import SearchState
from crawler.analysis.browse.view import IndexView
from crawler.analysis.search_index import SearchIndex

TERMS = ("交通", "城市", "数字孪生", "人民政府", "香", '"5G"', '"交通 城市"', "交通 -外交")
FACETS = ("portal", "source", "month")
ARTICLES = 50


def time_queries(root: Path, path: Path) -> None:
    """Prints for each term hits and milliseconds: of hits and three facets, of all that a page of browse says."""
    begun = time.perf_counter()
    view = IndexView(SearchIndex(root, path))
    pages = len(view.columns.numbers)
    print(f"  browse opens the index in {time.perf_counter() - begun:.1f} s: {pages} pages")
    for term in TERMS:
        state = SearchState(q=term)
        hits = results.find(view, state).pages
        three = _quickest(view, partial(_with_facets, view, state))
        whole = _quickest(view, partial(search_page.data, view, state))
        share = f"{hits} of {pages} pages ({hits / pages:.1%})"
        print(f"  {term:20} {share:32} hits and three facets {three:6.0f} ms, a whole page {whole:6.0f} ms")
    rows = view.rows("SELECT id FROM pages WHERE n % ? = 0 LIMIT ?", [max(1, pages // ARTICLES), ARTICLES])
    took = sorted(_milliseconds(partial(article_page.data, view, root, ident, None)) for (ident,) in rows)
    print(f"  an article: {took[len(took) // 2]:.0f} ms, the slowest of {len(took)} {took[-1]:.0f} ms; target 50 ms")
    view.close()


def _with_facets(view: IndexView, state: SearchState) -> None:
    hits = results.find(view, state)
    for name in FACETS:
        results.facet(view, state, hits, name, results.SHOWN)


def _quickest(view: IndexView, ask: Callable[[], object]) -> float:
    """Milliseconds of *ask*, the best of three, with nothing remembered."""
    taken = []
    for _ in range(3):
        view.forget()
        taken.append(_milliseconds(ask))
    return min(taken)


def _milliseconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - begun)
