"""Portals as data: one TOML file each, validated on load."""

from crawler.portals.description import code_prefix, described
from crawler.portals.families import read as family
from crawler.portals.model import Portal
from crawler.portals.reader import DefinitionError, load, minimal, parse, read
from crawler.portals.sections import Counter, Extract, Template

__all__ = [
    "Counter", "DefinitionError", "Extract", "Portal", "Template", "code_prefix", "described", "family", "load",
    "minimal", "parse", "read",
]  # fmt: skip
