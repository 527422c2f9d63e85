"""From exceptions to exit codes: expected errors get a message and their code, all others a traceback and 1."""

from __future__ import annotations

import errno

from crawler.exit_codes import Exit, UsageError

#: What a file system says when it will not; anything else that OSError can mean is not the archive's storage.
_STORAGE = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE,
    errno.EMFILE, errno.ENFILE, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG,
}  # fmt: skip
_HINTS = {
    errno.EMFILE: "; raise the limit of open files (`ulimit -n`), or crawl fewer portals at a time",
    errno.ENFILE: "; the system has no open file left",
}


def explain(error: BaseException) -> tuple[Exit, str] | None:
    """The exit code and the sentence for *error*; None for one that is a bug of ours."""
    from crawler.archive.storage.errors import (
        BusyError,
        DamagedError,
        NewerFormatError,
        SealedError,
        StorageError,
        StoreAddressError,
    )
    from crawler.portals import DefinitionError
    from crawler.values.extras import MissingExtraError

    codes: dict[type[Exception], Exit] = {
        UsageError: Exit.USAGE, NewerFormatError: Exit.USAGE, SealedError: Exit.USAGE, DefinitionError: Exit.USAGE,
        StoreAddressError: Exit.USAGE, MissingExtraError: Exit.USAGE,
        BusyError: Exit.BUSY, DamagedError: Exit.DAMAGED, StorageError: Exit.STORAGE,
    }  # fmt: skip
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if code is not None:
        return code, str(error)
    if isinstance(error, OSError) and error.errno in _STORAGE:
        place = f"{error.filename}: " if error.filename else ""
        return Exit.STORAGE, f"{place}{error.strerror}{_HINTS.get(error.errno or 0, '')}"
    return None
