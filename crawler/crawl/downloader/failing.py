"""When a site fails so often in a row that it is left alone for the rest of the run."""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, ResponseDataLossError

from crawler.crawl.request import has_failed, kind_of

GIVE_UP = 20  #: failures in a row, of whatever kind
BROKEN = 5  #: articles in a row without an answer, not even a part of one
DEAD = 7  #: such that failed in earlier runs too, where other articles are answered: a few may be dead
STOP = 5  #: answers 429 in a row that do not say when to come back
_IN_PART = (DownloadCancelledError, ResponseDataLossError)  #: of a response that came, but not whole: the site is up


class SiteFailures:
    """The requests to one site that failed since the last one that was answered."""

    def __init__(self) -> None:
        self.in_a_row = 0
        self.answers: list[int | Exception] = []  #: the status or error of each request for an article among them
        self._broken: dict[str, bool] = {}  # address of each article without an answer -> in an earlier run, too
        self._refusals = 0  # answers 429
        self._serves = False  # an article was answered in this run

    def answered(self, request: Request) -> None:
        """*request* was answered: what failed before says nothing of the site any more."""
        self.in_a_row = self._refusals = 0
        self._broken, self.answers = {}, []
        self._serves = self._serves or kind_of(request) == "article"

    def failed(self, request: Request, answer: int | Exception) -> None:
        """*request* failed, with the status or error *answer*."""
        self.in_a_row += 1
        self._refusals += answer == 429
        if kind_of(request) == "article" and not isinstance(answer, _IN_PART):
            self._broken[request.url] = self._serves and has_failed(request)
            self.answers.append(answer)

    def are_enough(self) -> bool:
        """Whether the site is to be left alone."""
        fresh = len(self._broken) - sum(self._broken.values())
        dead = len(self._broken)
        return self.in_a_row >= GIVE_UP or self._refusals >= STOP or fresh >= BROKEN or dead >= DEAD
