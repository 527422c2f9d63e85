"""Portals as data: one TOML file each, validated on load."""

from crawler.portals.model import Counter, Extract, Portal
from crawler.portals.reader import DefinitionError, load, parse, read

__all__ = ["Counter", "DefinitionError", "Extract", "Portal", "load", "parse", "read"]
