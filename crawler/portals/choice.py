"""Which portals a command selects: named ones, a group, or those chosen in citynews.toml."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.portals.model import Portal

NAME = re.compile(r"[a-z0-9-]{1,64}")  #: of a portal or a group


@dataclass(frozen=True, slots=True)
class PortalChoice:
    """Which portals a command means that names none, as the operator's file says."""

    file: str = "citynews.toml"  #: named in errors
    choose: tuple[str, ...] = ()  #: portals and groups; () for all
    exclude: tuple[str, ...] = ()
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()  #: ``[portal.NAME]`` with ``enabled = false``
    tables: tuple[str, ...] = ()  #: every NAME of ``[portal.NAME]``
    mentioned: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: other key -> portals and groups in it

    @property
    def says_nothing(self) -> bool:
        """Whether the file names neither a portal nor a group."""
        return self == PortalChoice(self.file)

    def portals(self, defined: Mapping[str, Portal], names: Sequence[str] = ()) -> list[str]:
        """The portals that *names* mean, in their order; without names those of ``choose`` or all, in order of name.

        What is excluded or disabled, in the file or in its definition, is left out unless *names* names it itself.
        Raises UsageError.
        """
        self.check(defined)
        off = {*self.exclude, *self.disabled, *(name for name, portal in defined.items() if not portal.enabled)}
        if names:
            if unknown := [name for name in names if name not in defined and name not in self.groups]:
                raise UsageError(f"no portal is called {unknown[0]!r}; `citynews portals` lists them")
            return list(dict.fromkeys(member for name in names for member in self._members(name, off - {name})))
        wanted = self.choose or sorted(defined)
        return list(dict.fromkeys(member for name in wanted for member in self._members(name, off)))

    def _members(self, name: str, off: Collection[str]) -> list[str]:
        return [member for member in self.groups.get(name, (name,)) if member not in off]

    def check(self, defined: Collection[str]) -> None:
        """Raises UsageError where the file names a portal that is not *defined*."""
        if both := next((name for name in self.groups if name in defined), None):
            raise UsageError(f"{self.file}: groups.{both}: a portal has this name; give the group another one")
        known = {*defined, *self.groups}
        named = [("choose", self.choose, known), ("exclude", self.exclude, defined), ("portal", self.tables, defined)]
        named += [(f"groups.{group}", tuple(members), defined) for group, members in self.groups.items()]
        named += [(key, tuple(names), known) for key, names in self.mentioned.items()]
        for key, names, there in named:
            if unknown := next((name for name in names if name not in there), None):
                raise UsageError(f"{self.file}: {key}: no portal is called {unknown!r}; `citynews portals` lists them")
