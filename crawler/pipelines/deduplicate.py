"""Decides the outcome of a visit: new, unchanged, changed, gone, back, a copy, refused or failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from crawler.archive.index.duplicates import copy_keys
from crawler.archive.index.entries import KnownArticle
from crawler.archive.index.similarity import ALIKE, ComparableText
from crawler.archive.records.decisions import Decision
from crawler.archive.records.jsonl import Json, article_record, schema_as
from crawler.archive.storage.layout import Stream
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import REVISED, Article, Outcome, Refusal, content_hash
from crawler.assembly import Visit, is_truncated, sent_away
from crawler.pipelines.crawler import ArchivingCrawler
from crawler.pipelines.direction import direction
from crawler.pipelines.reread import reads_as
from crawler.portals import Portal
from crawler.values import clock
from crawler.values.text import sentences, squash
from crawler.values.urls import article_id, other_slash

_TEXTS = 2_000_000  #: characters of bodies that are kept to be compared: a thousand ordinary ones, 10 MB at the most
_GONE = frozenset({"http-404", "http-410", "redirect"})


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An archived article, its latest record, and how alike it is; None where that was not measured."""

    known: KnownArticle
    archived: Json
    similarity: float | None


class DeduplicatePipeline:
    """Decides each visit against the archive. Store must follow at once: the archive may not change in between."""

    def __init__(self, archive: ArchiveWriter) -> None:
        self._archive = archive
        self._texts: dict[tuple[str, int], ComparableText] = {}  # by id and revision, the one used last at the end
        self._kept = 0  # characters of these

    @classmethod
    def from_crawler(cls, crawler: ArchivingCrawler) -> Self:
        return cls(crawler.spidercls.run.archive)

    def process_item(self, visit: Visit) -> tuple[Visit, Decision]:
        if isinstance(visit.result, Article):
            visit.result = self._as_archived(visit, visit.result)
        result = visit.result
        if isinstance(result, Article):
            archived = self._archive.index.page(result.id)
            refusal = None if archived is None else self._another_page(visit, result)
            if refusal is not None:
                visit.result = refusal
                return visit, self._refused(visit, refusal, result.url)
            outcome, record, revision = self._article(visit, result, archived)
            decision = self._decision(visit, result.id, result.url, outcome)
            decision.record, decision.revision = record, revision
            decision.view_count, decision.view_count_raw = result.view_count, result.view_count_raw
            return visit, decision
        assert isinstance(result, Refusal)
        url = visit.portal.address(visit.captures[0].url) if visit.captures and not sent_away(visit) else None
        return visit, self._refused(visit, result, url or visit.asked)

    # -- one article, one address ------------------------------------------------------------------------------------

    def _as_archived(self, visit: Visit, article: Article) -> Article:
        """*article* under the id and the address of the archived one that it is, where these are others."""
        known = self._renamed(visit.portal, article.url) or self._other_slash(visit, article)
        if known is None:
            return article
        canonical = known.url if article.canonical_url == article.url else article.canonical_url
        return replace(article, id=known.id, url=known.url, canonical_url=canonical)

    def _renamed(self, portal: Portal, url: str) -> KnownArticle | None:
        """The article that was archived before a rule of *portal* made *url* of its address."""
        ident = self._archive.renamed.ident(portal.name, portal.discover.drop_params, portal.address, url)
        return self._archive.index.page(ident) if ident != article_id(url) else None

    def _other_slash(self, visit: Visit, article: Article) -> KnownArticle | None:
        """The archived article whose address differs by a slash at its end, where a redirect or a canonical says so.

        So does the same text: the address that redirects may not have been visited since.
        """
        index = self._archive.index
        other = other_slash(article.url)
        known = index.article(article_id(other))
        if known is None or known.portal != visit.portal.name or index.page(article.id) is not None:
            return None
        same = known.content_hash == content_hash(article.title, article.body)
        if same or article_id(visit.asked) == known.id or article.canonical_url == known.url:
            return known
        return known if self._archive.latest(known)["canonical_url"] == article.url else None

    # -- articles ----------------------------------------------------------------------------------------------------

    def _article(
        self, visit: Visit, article: Article, known: KnownArticle | None
    ) -> tuple[Outcome, tuple[Stream, Json] | None, int]:
        """*known*: the article or copy that is archived under its id."""
        run = visit.decision["run"] if visit.decision else self._archive.run
        record = dict(visit.record) if visit.record else article_record(article, visit.captures, run)
        record |= {name: getattr(article, name) for name in ("id", "url", "canonical_url")}
        if known is not None:
            return self._again(visit, known, record)
        if judged := (visit.decision or {}).get("judged"):  # against an article that was removed since
            if "duplicate_of" in judged:
                return (
                    "duplicate",
                    ("duplicates", record | {"schema": schema_as(record["schema"], "duplicate")} | judged),
                    1,
                )
            return "new", ("articles", record | judged), 1
        original = self._archive.index.original(copy_keys(record), besides=article.id)
        if original is not None:
            return "duplicate", ("duplicates", self._exact(visit.portal, record, original)), 1
        elsewhere, inside = self._near(record)
        if elsewhere is not None:
            return "duplicate", ("duplicates", self._copy(visit.portal, record, elsewhere, "near")), 1
        if inside is not None:
            record["similar_to"] = {"id": inside.known.id, "similarity": inside.similarity}
        return "new", ("articles", record), 1

    def _another_page(self, visit: Visit, article: Article) -> Refusal | None:
        """Why *article*, at an archived address, is not a version of the archived one: they have nothing in common."""
        known = self._archive.index.article(article.id)
        if known is not None and "truncated" in article.incomplete and self._is_less(visit, article, known):
            return Refusal("truncated", transient=True)
        if known is None or article.is_attributed():
            return None
        latest = self._archive.latest(known)
        if latest["source"] is None and latest["published_at"] is None:
            return None
        shared = sentences(latest["body"]) & sentences(article.body)
        return None if shared else Refusal("other-page")

    def _is_less(self, visit: Visit, article: Article, known: KnownArticle) -> bool:
        """Whether a page that breaks off shows less than is archived: its head says so, or its text is a beginning."""
        if is_truncated(visit):
            return True
        archived, text = squash(self._archive.latest(known)["body"] or ""), squash(article.body or "")
        return archived != text and archived.startswith(text)

    def _again(
        self, visit: Visit, known: KnownArticle, record: Json
    ) -> tuple[Outcome, tuple[Stream, Json] | None, int]:
        address = self._archive.index.address(known.id)
        back = address is not None and address.outcome == "gone"
        if known.content_hash == record["content_hash"]:
            return "back" if back else "unchanged", None, known.revision
        latest = self._archive.latest(known)
        if visit.captures and self._read_otherwise(visit, latest, record):
            return "back" if back else "unchanged", None, known.revision
        changes: dict[str, Any] = {
            "schema": schema_as(record["schema"], "revision"),
            "similar_to": latest["similar_to"],
            "revision": known.revision + 1,
            "previous_hash": known.content_hash,
            "changed_fields": [name for name in REVISED if name in latest and latest[name] != record[name]],
        }
        return "back" if back else "changed", ("revisions", record | changes), known.revision + 1

    def _read_otherwise(self, visit: Visit, latest: Json, record: Json) -> bool:
        """Whether the page is as archived, and only another version or other rules extracted a different text."""
        at = visit.captures[0].fetched_at
        return reads_as(self._archive.paths, latest, visit.portal, at, record["content_hash"])

    def _exact(self, portal: Portal, record: Json, original: KnownArticle) -> Json:
        archived = self._archive.latest(original)
        same_text = record["body_hash"] is not None and record["body_hash"] == archived["body_hash"]
        return self._copy(portal, record, Resemblance(original, archived, 1.0 if same_text else None), "exact")

    def _near(self, record: Json) -> tuple[Resemblance | None, Resemblance | None]:
        """The most similar articles to *record* on other portals, and on its own portal."""
        found = []
        text = ComparableText(record["body"] or "")
        for known in self._archive.index.alike(record["body"] or "", besides=record["id"]):
            share = text.similarity(self._text(known), ALIKE)
            if share >= ALIKE:
                found.append(Resemblance(known, self._archive.latest(known), share))
        found.sort(key=lambda copy: (-(copy.similarity or 0), copy.known.first_at, copy.known.id))
        inside = (near for near in found if near.known.portal == record["portal"])
        elsewhere = (near for near in found if near.known.portal != record["portal"])
        return next(elsewhere, None), next(inside, None)

    def _text(self, known: KnownArticle) -> ComparableText:
        """The latest body of *known*, cached: bulletins of a portal are compared with the same hundreds of texts."""
        key = (known.id, known.revision)
        text = self._texts.pop(key, None)
        if text is None:
            text = ComparableText(self._archive.latest(known)["body"] or "")
            self._kept += len(text.bare)
        self._texts[key] = text
        while self._kept > _TEXTS:
            self._kept -= len(self._texts.pop(next(iter(self._texts))).bare)
        return text

    def _copy(self, portal: Portal, record: Json, original: Resemblance, match: str) -> Json:
        known = original.known
        return record | {
            "schema": schema_as(record["schema"], "duplicate"),
            "duplicate_of": {"id": known.id, "portal": known.portal, "url": known.url},
            "match": match,
            "similarity": original.similarity,
            "direction": direction(record, original.archived, portal),
        }

    # -- everything else ---------------------------------------------------------------------------------------------

    def _refused(self, visit: Visit, refusal: Refusal, url: str) -> Decision:
        known = self._renamed(visit.portal, url) or self._archive.index.page(article_id(url))
        url = known.url if known else url
        ident = known.id if known else article_id(url)
        if refusal.transient:
            outcome: Outcome = "failed"
        elif known is not None and refusal.reason in _GONE:
            outcome = "gone"
        elif known is not None and refusal.reason == "not-modified":
            outcome = "not-modified"
        else:
            outcome = "refused"
        decision = self._decision(visit, ident, url, outcome)
        decision.reason = None if outcome == "not-modified" else refusal.reason
        decision.revision = known.revision if known else None
        return decision

    def _decision(self, visit: Visit, ident: str, url: str, outcome: Outcome) -> Decision:
        first = visit.captures[0] if visit.captures else None
        return Decision(
            portal=visit.portal.name,
            ident=ident,
            asked=visit.asked,
            url=url,
            observed_at=first.fetched_at if first else clock.now(),
            status=first.status if first else None,
            outcome=outcome,
            captures=visit.captures,
            missing=visit.missing,
            charset=visit.charset,
            replayed=visit.decision,
        )
