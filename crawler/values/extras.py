"""Libraries that come with an extra: where one is missing, a sentence says how to get it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


class MissingExtraError(Exception):
    """A library is not installed; the message names the command that installs it."""


def wanted(name: str, extra: str = "analysis") -> ModuleType:
    """The library *name*, of the extra *extra*. Raises MissingExtraError."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{name} is not installed; it comes with: python -m pip install 'citynews[{extra}]'"
        ) from error
