"""Drafts the definition of a site that is not known yet, and looks after those that are.

A survey (:mod:`survey`) says what to ask and is sent the answers; nothing here fetches. :func:`draft` makes a
definition of what it found, with a template learned from the articles (:func:`learn`).
:mod:`check` looks at a portal that is known, :mod:`repair` learns its template again.
"""

from crawler.assembly import Visit
from crawler.drafting import check, golden, repair
from crawler.drafting.draft import Draft, coverage, draft
from crawler.drafting.induce import FieldSelector, LearnedTemplate, learn
from crawler.drafting.survey import NothingFoundError, Survey, SurveyResult
from crawler.drafting.traits import name_of

__all__ = [
    "Draft",
    "FieldSelector",
    "LearnedTemplate",
    "NothingFoundError",
    "Survey",
    "SurveyResult",
    "Visit",
    "check",
    "coverage",
    "draft",
    "golden",
    "learn",
    "name_of",
    "repair",
]
