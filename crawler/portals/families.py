"""Families: what portals with the same content management system share, merged into a definition when it is read.

A family is a TOML file as well: `families/<name>.toml` next to the definition, else a bundled one. It may hold whatever
a portal may, but nothing that tells one portal from another. The definition's own keys win, key by key inside a
section; a list replaces a list. The merged text is the portal's text, with no family any more: it is what is archived,
so that a replay years later does not depend on what the family says then.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from crawler.portals.model import DESCRIPTIVE

BUNDLED = Path(__file__).parent / "families"
#: What only a portal can say.
OWN = frozenset({"name", "title", "home", "domains", "family"}) | DESCRIPTIVE
_NAME = re.compile(r"[a-z0-9-]{1,64}")


class FamilyError(ValueError):
    """A family that is not there, or says what it must not; the message names its file and key."""


def merged(text: str, folder: Path | None = None) -> str:
    """*text* with the family it names merged in; *text* itself where it names none.

    *folder* is the folder of the definition. Raises TOMLDecodeError for *text*, FamilyError for the family.
    """
    own = tomllib.loads(text)
    name = own.get("family")
    if name is None:
        return text
    given = read(name, folder)
    del own["family"]
    return f"# with what the family {name} brings\n{tomli_w.dumps(_merge(given, own), multiline_strings=False)}"


def read(name: object, folder: Path | None = None) -> dict[str, Any]:
    """The keys that the family *name* brings. Raises FamilyError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise FamilyError(f"{name!r} is not a family's name ([a-z0-9-], up to 64)")
    folders = [BUNDLED] if folder is None else [folder / "families", BUNDLED]
    path = next((file for folder in folders if (file := folder / f"{name}.toml").is_file()), None)
    if path is None:
        raise FamilyError(f"no family is called {name!r}; there are {', '.join(names())}")
    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FamilyError(f"{path}: cannot be read: {error}") from error
    about = keys.pop("about", None)
    if not isinstance(about, str):
        raise FamilyError(f"{path}: about: missing; it says which system this is and where the markup was seen")
    if wrong := sorted(OWN & keys.keys()):
        raise FamilyError(f"{path}: {wrong[0]}: not allowed in a family; it differs between portals")
    return keys


def names() -> list[str]:
    """The bundled families."""
    return sorted(path.stem for path in BUNDLED.glob("*.toml"))


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """*over* laid on *base*: tables are merged, everything else is replaced. The order is that of *over*."""
    table = dict(over)
    for key, value in base.items():
        if key not in over:
            table[key] = value
        elif isinstance(value, dict) and isinstance(over[key], dict):
            table[key] = _merge(value, over[key])
    return table
