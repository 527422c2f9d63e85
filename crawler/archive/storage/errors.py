"""The errors of an archive. `cli` turns each into one exit code."""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of the errors of this package."""


class BusyError(ArchiveError):
    """Another process writes the archive."""


class StorageError(ArchiveError):
    """The disk is full, not writable, or fails."""


class DamagedError(ArchiveError):
    """A file of the archive is not what was written; the message names file and place."""


class NewerFormatError(ArchiveError):
    """A file, a line or a decision of a format that a newer version of citynews wrote: nothing is written beside it."""


class SealedError(ArchiveError):
    """A line belongs into a month that is sealed."""


class NoObjectError(DamagedError):
    """An object is not in the store."""


class StoreAddressError(ArchiveError):
    """The address of a store cannot be used; the message says why."""
