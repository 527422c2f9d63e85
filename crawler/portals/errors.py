"""What is wrong with a definition; apart from those who read it, who need pydantic and lxml."""

from __future__ import annotations


class DefinitionError(Exception):
    """A portal definition that cannot be used; the message names file and key."""
