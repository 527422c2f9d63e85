"""The errors of a store: one message that names what to set, instead of the library's."""

from __future__ import annotations

import re

from crawler.archive.storage.errors import ArchiveError, StorageError, StoreAddressError

#: What the library's text says -> what that means, and whether it is the address or the keys, which no retry helps.
#: The first that is found holds.
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (r"169\.254\.169\.254|MissingSecretAccessKey|MissingAccessKeyId|Missing (SecretAccessKey|AccessKeyId)",
     "no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (this machine has no role that gives any)", True),
    (r"InvalidAccessKeyId", "the server does not know this key: check AWS_ACCESS_KEY_ID", True),
    (r"SignatureDoesNotMatch", "the secret does not fit the key: check AWS_SECRET_ACCESS_KEY", True),
    (r"ExpiredToken|InvalidToken|TokenRefreshRequired",
     "the session's keys have expired: get new ones, and set AWS_SESSION_TOKEN too", False),
    (r"RequestTimeTooSkewed|RequestExpired",
     "the clock of this machine is more than 15 minutes off: set it (NTP), then run this again", False),
    (r"AuthorizationHeaderMalformed|PermanentRedirect|TemporaryRedirect|IllegalLocationConstraint|BareRedirect"
     r"|redirect without LOCATION",
     "the bucket is in another region: set region in [store] or AWS_REGION{region}", True),
    (r"NoSuchBucket|InvalidBucketName", "there is no such bucket: make it first, or check the address", True),
    (r"AllAccessDisabled|AccountProblem|UserSuspended", "the account of these keys is closed: {code}", True),
    (r"InvalidCertificate|UnknownIssuer|BadSignature|CertExpired|NotValidForName",
     "the server's certificate is not trusted: install its authority on this machine (SSL_CERT_FILE), or check endpoint"
     " in [store]", True),
    (r"InvalidContentType|InvalidMessage|HandshakeFailure",
     "the server does not speak TLS there: check endpoint in [store] (http:// needs allow_http = true)", True),
    (r"dns error|failed to lookup address", "no such host: check endpoint in [store], and the network", False),
    (r"ConnectionRefused|Connection refused",
     "nothing listens there: check endpoint in [store], and whether the server runs", False),
    (r"tcp connect error|HostUnreachable|NetworkUnreachable|kind: Connect",
     "the server cannot be reached: check endpoint in [store], and the network", False),
    (r"QuotaExceeded|InsufficientStorage|507 ", "the store is full", False),
    (r"AccessDenied|PermissionDenied|Unauthenticated|\b40[13] ",
     "the keys may not do this: they need GetObject, PutObject, DeleteObject and ListBucket on it", False),
)  # fmt: skip


def store_error(where: str, error: BaseException) -> ArchiveError:
    """*error* of obstore while *where* (address: verb) was asked, as one of ours: a sentence, or its first line."""
    text = str(error)
    for pattern, meaning, address in _MEANINGS:
        if re.search(pattern, text):
            kind = StoreAddressError if address else StorageError
            return kind(f"{where}: {meaning.format(region=_told(text, 'Region', ' to {}'), code=_code(text))}")
    return StorageError(f"{where}: {first_line(error)}")


def first_line(error: BaseException) -> str:
    """The first line of what *error* says: the rest is for those who debug the library."""
    return str(error).strip().partition("\n")[0][:300]


def _told(text: str, tag: str, form: str) -> str:
    found = re.search(rf"<{tag}>([\w.-]{{1,40}})</{tag}>", text)
    return form.format(found[1]) if found else ""


def _code(text: str) -> str:
    return _told(text, "Code", "{}")
