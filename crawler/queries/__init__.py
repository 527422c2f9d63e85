"""Saved queries: what of the runs of crawls matches them, and where that goes.

A match is a line of articles/, duplicates/ or revisions/ that a crawl wrote since the query is known here, and that
`citynews search` would find. Each is reported once: a later version of a page only where no earlier one matched, unless
the query asks for every version that matches. What is sent when, and what is sent again, is in docs/queries.md.
"""

from crawler.queries.delivery import begin, deliver
from crawler.queries.ledger import forget
from crawler.queries.saved import SavedQuery, choices, saved
from crawler.queries.states import states, test

__all__ = ["SavedQuery", "begin", "choices", "deliver", "forget", "saved", "states", "test"]
