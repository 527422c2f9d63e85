"""Portals as data: one TOML file each, validated on load."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.portals.description import Description, code_prefix
    from crawler.portals.errors import DefinitionError
    from crawler.portals.families import read as family
    from crawler.portals.model import Portal
    from crawler.portals.reader import load, minimal, parse, read
    from crawler.portals.sections import Counter, Extract, Template

__all__ = [
    "Counter", "DefinitionError", "Description", "Extract", "Portal", "Template", "code_prefix", "family", "load",
    "minimal", "parse", "read",
]  # fmt: skip

_MODULES = {
    "Portal": "model",
    "DefinitionError": "errors",
    "family": "families",
    **dict.fromkeys(("load", "minimal", "parse", "read"), "reader"),
    **dict.fromkeys(("Counter", "Extract", "Template"), "sections"),
    **dict.fromkeys(("Description", "code_prefix"), "description"),
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used: commands that only read archives need no definitions."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), "read" if name == "family" else name)
