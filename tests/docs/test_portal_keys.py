"""docs/add-a-portal.md names every key of a definition, with its default, and no other."""

from __future__ import annotations

import tomllib
import types
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from crawler.article import COVERED
from crawler.portals import parse
from crawler.portals.model import Portal
from tests.docs.pages import ROOT, blocks_of, code, rows, section

PAGE = ROOT / "docs" / "add-a-portal.md"
TABLES = (
    "discover",
    "[discover.api]",
    "extract",
    "template",
    "[layout]",
    "counter",
    "request",
    "politeness",
    "revisit",
    "requisites",
    "expect",
)
SECTIONS = ("Every key", *(f"`[{name}]`" for name in TABLES))


def wanted(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Dotted key -> default, of *model* and the tables below it; a rule's default is generic extraction."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        below = table_of(field.annotation)
        if below is None or prefix == "layout.":
            found[prefix + name] = field.default
        else:
            found |= wanted(below, f"{prefix}{name}.")
    return found


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The model that *annotation* is, or holds."""
    if (
        isinstance(annotation, type)
        and not isinstance(annotation, types.GenericAlias)
        and issubclass(annotation, BaseModel)
    ):
        return annotation
    return next((found for argument in get_args(annotation) if (found := table_of(argument))), None)


def documented() -> dict[str, list[str]]:
    return {code(row[0])[0]: row for heading in SECTIONS for row in rows(section(PAGE, heading))}


def test_every_key_and_no_other() -> None:
    assert documented().keys() == wanted(Portal).keys() | {
        "counter.<placeholder>",
        "family",
    }  # merged before it is read


def test_defaults() -> None:
    for key, default in wanted(Portal).items():
        said = documented()[key][2]
        if default is PydanticUndefined:
            assert said == "required", key
        elif default is None:
            assert said in {"generic", "detected", "not checked", "not said", "not JSON", "the operator's"}, key
        else:
            value = tomllib.loads(f"value = {code(said)[0]}")["value"]
            assert plain(value) == plain(default), key


def plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_defaults=True)
    if isinstance(value, timedelta):
        return f"{value.days}d"
    return [plain(member) for member in value] if isinstance(value, list | tuple) else value


def test_fields_of_coverage() -> None:
    text = section(PAGE, "`[expect]`").partition("Fields of `coverage`: ")[2].partition(".")[0]
    assert tuple(text.replace("\n", " ").split(", ")) == COVERED


@pytest.mark.parametrize(
    "block",
    [
        b
        for page in (PAGE, ROOT / "README.md", ROOT / "README.zh-CN.md")
        for b in blocks_of(page)
        if b.language == "toml"
    ],
    ids=lambda b: b.name,
)
def test_definitions_are_valid(block: Any) -> None:
    portal = parse(block.text, block.name)
    assert portal.name == "example"


def test_the_whole_definition_has_every_table() -> None:
    block, *_ = [block for block in blocks_of(PAGE) if block.language == "toml"]
    assert tomllib.loads(block.text).keys() == Portal.model_fields.keys()
