"""The files that explain an archive without the software: README.md, formats.md and the schemas.

No run owns these files and ``verify`` does not look at them: they say what is so, and prove nothing.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from crawler.archive.records import schema
from crawler.archive.storage.files import write_whole

FOLDER = Path(__file__).with_name("archive_readme.md")
#: In an installed package it lies here; in a checkout it is a page of the documentation.
FORMATS = next(
    path for path in (Path(__file__).with_name("formats.md"), Path(__file__).parents[3] / "docs" / "formats.md")
    if path.exists()
)  # fmt: skip


def explain(root: Path) -> None:
    """Writes what is not there yet; formats.md and schemas also where they have changed since an older version wrote.

    Raises StorageError.
    """
    readme = root / "README.md"
    if not readme.exists():
        write_whole(readme, FOLDER.read_bytes())
    texts = {root / "formats.md": FORMATS.read_bytes()}
    for stream, text in schema.json_schemas().items():
        texts[root / "schema" / f"{stream}.json"] = orjson.dumps(text, option=orjson.OPT_INDENT_2) + b"\n"
    for path, data in texts.items():
        if not path.exists() or path.read_bytes() != data:
            write_whole(path, data)
