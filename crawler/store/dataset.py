"""A folder of exported tables in a store: changed files are sent, a manifest last."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import NoObjectError
from crawler.archive.storage.objects import Objects
from crawler.exit_codes import UsageError
from crawler.store.outcome import Transfer

MANIFEST = "_citynews.json"
DATASET_SCHEMA = "citynews/dataset/1"


def send(folder: Path, objects: Objects, said: Json) -> Transfer:
    """Makes *objects* what is in *folder*; *said* goes into the manifest. Raises UsageError, StorageError.

    A reader that comes in between may find tables of two exports; the manifest names the files of one, with sha256.
    """
    before = _manifest(objects)
    files = {
        path.relative_to(folder).as_posix(): _described(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }
    done = Transfer()
    for name, about in files.items():
        if before.get(name) != about:
            objects.put(name, folder / name)
            done.objects += 1
            done.size += about["size"]
    manifest = {"schema": DATASET_SCHEMA, **said, "files": files}
    objects.put(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    objects.delete(before.keys() - files.keys())
    return done


def _manifest(objects: Objects) -> dict[str, Json]:
    """What was exported there before. Raises UsageError where something else lies there."""
    try:
        return dict(orjson.loads(objects.get(MANIFEST))["files"])
    except NoObjectError:
        if objects.listing():
            raise UsageError(f"{objects.url}: holds objects that `citynews export` did not write") from None
        return {}


def _described(path: Path) -> Json:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
