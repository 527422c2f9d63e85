"""The error of a bad definition. A module of its own: reading definitions imports pydantic and lxml."""

from __future__ import annotations


class DefinitionError(Exception):
    """A portal definition that cannot be used; the message names file and key."""
