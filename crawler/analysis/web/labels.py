"""The words of the user interface, in Chinese and English; ``labels.toml`` has them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def _read() -> dict[str, tuple[str, str]]:
    text = (resources.files("crawler.analysis.web") / "labels.toml").read_text("utf-8")
    return {key: (chinese, english) for key, (chinese, english) in tomllib.loads(text).items()}


#: Key -> (Chinese, English).
LABELS = _read()
