"""What explains an archive to a person without the software: README.md and the schemas, next to the lines.

No run owns these files and ``verify`` does not look at them: they say what is so, and prove nothing.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from crawler.archive.records import schema
from crawler.archive.storage.files import write_whole

FOLDER = Path(__file__).with_name("archive_readme.md")


def explain(root: Path) -> None:
    """Writes what is not there yet, and a schema that has changed; a README is left as it is. Raises StorageError."""
    readme = root / "README.md"
    if not readme.exists():
        write_whole(readme, FOLDER.read_bytes())
    for stream, text in schema.json_schemas().items():
        path = root / "schema" / f"{stream}.json"
        data = orjson.dumps(text, option=orjson.OPT_INDENT_2) + b"\n"
        if not path.exists() or path.read_bytes() != data:
            write_whole(path, data)
