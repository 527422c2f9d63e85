"""docs/decisions/README.md lists every note with its title, and says of a note what the note says of itself."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, rows

FOLDER = ROOT / "docs" / "decisions"
NOTES = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"^\*\*Status\.\*\* (.*)$", re.MULTILINE)


def test_every_note_is_listed_with_its_title() -> None:
    listed = [(row[0], row[1]) for row in rows((FOLDER / "README.md").read_text("utf-8"))]
    titles = [re.sub(r"^# \d+:? ", "", note.read_text("utf-8").partition("\n")[0]) for note in NOTES]
    assert listed == [(f"[{note.name[:4]}]({note.name})", title) for note, title in zip(NOTES, titles, strict=True)], (
        "docs/decisions/README.md does not list the notes that are there"
    )


def test_a_status_that_changed_stands_in_both_places() -> None:
    listed = {row[0][1:5]: row[2] for row in rows((FOLDER / "README.md").read_text("utf-8"))}
    for note in NOTES:
        said = STATUS.search(note.read_text("utf-8"))
        assert (listed[note.name[:4]] != "holds") == (said is not None), note.name
        for number in re.findall(r"\[(\d{4})\]", said[1] if said else ""):
            assert number in listed[note.name[:4]], f"{note.name}: the table does not name {number}"
