"""The spider of a survey: it makes the survey's requests and returns the responses.

Everything else is that of a crawl: guards, robots.txt, delay, capture. It makes no visits, so no article is decided.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Answers, Capture
from crawler.crawl.failures import reason_of
from crawler.crawl.middlewares.robots import NOT_CRAWLED
from crawler.crawl.request import capture_of, meta_of, request_of
from crawler.crawl.skipped import SkippedRequest
from crawler.crawl.spiders.portal import PortalSpider
from crawler.portals import Portal
from crawler.portals.api import ApiStep

#: Yields batches of addresses and requests for data, is sent their captures by address or name (None: no answer).
Steps = Generator[Sequence[str | ApiStep], Answers, Any]


class SurveySpider(PortalSpider):
    """Asks batch after batch. Made for each survey by :func:`survey_class`."""

    steps: ClassVar[Steps]
    outcome: ClassVar[list[Any]]  #: what the steps returned, or the exception that ended them

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        settings.set("SPIDER_MIDDLEWARES", {"crawler.crawl.frontier.middleware.FrontierMiddleware": None}, "spider")

    async def start(self) -> AsyncIterator[Any]:
        self._answers = Answers()
        self._open: set[str] = set()
        for request in self._advance(first=True):
            yield request

    def on_answer(self, response: Response, url: str) -> Iterator[Request]:
        """An answer, whatever its status."""
        yield from self._taken(url, capture_of(response))

    def on_no_answer(self, failure: Failure) -> Iterator[Request]:
        """No answer, or a request that was not let out."""
        url = request_of(failure).cb_kwargs["url"]
        self._answers.reasons[url] = self._why(failure)
        yield from self._taken(url, None)

    def _why(self, failure: Failure) -> str:
        """Why there is no answer; ``robots-...`` with what came instead of a robots.txt that can be read."""
        error = failure.value
        reason = error.reason if isinstance(error, SkippedRequest) else reason_of(failure)
        rules = self.run.stats.robots.get(urlsplit(request_of(failure).url).netloc, {})
        return f"robots-{rules['status']}" if reason == "robots" and rules.get("followed") == NOT_CRAWLED else reason

    def _taken(self, url: str, capture: Capture | None) -> Iterator[Request]:
        self._answers[url] = capture
        self._open.discard(url)
        if not self._open:
            yield from self._advance()

    def _advance(self, *, first: bool = False) -> Iterator[Request]:
        """The requests of the next batch; none when the survey has ended."""
        batch: list[str | ApiStep] = []
        answers, self._answers = self._answers, Answers()
        try:
            while not batch:
                asked_for = next(self.steps) if first else self.steps.send(answers)
                batch = list({_name(asked): asked for asked in asked_for}.values())
                first, answers = False, Answers()
        except StopIteration as end:
            self.outcome.append(end.value)
            return
        except Exception as error:  # noqa: BLE001 - whatever the first page met is reported to the user
            self.outcome.append(error)
            return
        self._open = set(map(_name, batch))
        for asked in batch:
            request = Request(
                asked if isinstance(asked, str) else asked.url(), callback=self.on_answer, errback=self.on_no_answer,
                dont_filter=True, meta=meta_of("survey"),
                cb_kwargs={"url": _name(asked)},
            )  # fmt: skip
            if isinstance(asked, str):
                yield request
            else:
                yield request.replace(method=asked.api.method, headers=asked.headers(), body=asked.body().encode())


def _name(asked: str | ApiStep) -> str:
    """Under which the answer is sent."""
    return asked if isinstance(asked, str) else asked.name


def survey_class(portal: Portal, steps: Steps) -> type[SurveySpider]:
    """A spider class that *steps* drive, under the politeness of *portal*."""
    members = {"name": portal.name, "portal": portal, "steps": steps, "outcome": []}
    return type("Survey", (SurveySpider,), members)
