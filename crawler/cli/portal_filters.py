"""Options that choose portals by what their definitions say of them, and how a command gets a set of options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, cast, get_type_hints

import typer

from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.portals import Description, Portal

Places = Annotated[
    list[str] | None,
    typer.Option(
        "--place",
        metavar="NAME|CODE",
        help="Portals of this place: 北京, CN-110000, US; a province includes its cities.",
    ),
]
PortalKinds = Annotated[
    list[str] | None, typer.Option("--portal-kind", metavar="KIND", help="government, association, research, media ...")
]
PortalTags = Annotated[list[str] | None, typer.Option("--portal-tag", metavar="TAG", help="Portals with this tag.")]


@dataclass(frozen=True, slots=True)
class PortalFilters:
    """Options that choose portals by place, kind and tags; :func:`with_options` gives them to a command."""

    places: Places = None
    portal_kinds: PortalKinds = None
    portal_tags: PortalTags = None

    @property
    def is_everything(self) -> bool:
        return not (self.places or self.portal_kinds or self.portal_tags)

    def description(self) -> Description:
        """What the definitions of the portals must say. Raises UsageError for an unknown kind."""
        from crawler.portals import Description
        from crawler.portals.model import KINDS

        kinds = tuple(self.portal_kinds or ())
        if bad := next((kind for kind in kinds if kind not in KINDS), None):
            raise UsageError(f"--portal-kind {bad}: one of {', '.join(KINDS)}")
        return Description(tuple(self.places or ()), kinds, tuple(self.portal_tags or ()))

    def of(self, portals: Iterable[Portal]) -> list[Portal]:
        """Those of *portals* that these options choose. Raises UsageError where that is none."""
        if self.is_everything:
            return list(portals)
        found = self.description().of(portals)
        if not found:
            raise UsageError(
                f"{' '.join(self.words)}: no such portal here; `citynews portals` lists places, kinds and tags"
            )
        return found

    @property
    def words(self) -> list[str]:
        """The options as words of a command line."""
        named = (("--place", self.places), ("--portal-kind", self.portal_kinds), ("--portal-tag", self.portal_tags))
        return [word for option, values in named for value in values or () for word in (option, value)]


ALL_PORTALS = PortalFilters()


def with_options(options: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the fields of the dataclass *options* in the place of its parameter ``filters``, for Typer."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        types = get_type_hints(options, include_extras=True)
        given = [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=types[field.name]
            )
            for field in fields(options)
        ]
        parameters: list[inspect.Parameter] = []
        for parameter in own.parameters.values():
            parameters += given if parameter.name == "filters" else [parameter.replace(kind=parameter.KEYWORD_ONLY)]

        @functools.wraps(command)
        def decorated(**values: Any) -> None:
            filters = options(**{option.name: values.pop(option.name) for option in given})
            command(**values, filters=filters)

        cast("Any", decorated).__signature__ = own.replace(parameters=parameters)
        decorated.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return decorated

    return decorate
