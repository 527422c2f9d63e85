"""Objects of an object store, or files of a shared folder: the few requests that an archive needs, with their errors.

One conditional request is used, a single PUT with ``If-None-Match: *`` (:meth:`Objects.create`); everything else is
written once under a name of its own. Requests that a server fails are repeated by obstore; what still fails is a
StorageError with the first line of what it said.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from crawler.archive.storage.errors import NoObjectError, StorageError, StoreAddressError
from crawler.archive.storage.files import storage, sync_folder
from crawler.archive.storage.store_errors import store_error
from crawler.values.extras import wanted

_SINGLE = 8 << 20  # bytes up to which an object is sent with one request
_CHUNK = 1 << 20
_TRIES = 6
_RETRY = {"max_retries": _TRIES, "retry_timeout": timedelta(minutes=3)}
_CLIENT = {"timeout": "300s", "connect_timeout": "10s", "user_agent": "citynews"}
_SCHEMES = {"s3", "gs", "az"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a listing says of an object."""

    key: str
    size: int  #: bytes
    modified: datetime  #: by the clock of the store


class Objects:
    """The objects below *url*: ``s3://bucket/prefix``, a folder, or another address that obstore knows.

    *endpoint*: where the server is, for one that is not Amazon's. *allow_http*: without TLS, which an address of this
    machine is allowed anyway. Raises StoreAddressError, MissingExtraError.
    """

    def __init__(
        self,
        url: str,
        *,
        endpoint: str = "",
        region: str = "",
        allow_http: bool = False,
        path_style: bool = True,
        make: bool = False,
    ) -> None:
        self._obstore: Any = wanted("obstore", "store")
        self._errors: Any = wanted("obstore.exceptions", "store")
        stores: Any = wanted("obstore.store", "store")
        self.url = url.rstrip("/") + "/"
        self.versioned = False  #: whether the bucket was seen to keep what is overwritten or deleted
        parts = urlsplit(url)
        self.folder: Path | None = None
        if parts.scheme in _SCHEMES:
            if "@" in parts.netloc:
                raise StoreAddressError(
                    f"{parts.scheme}://{parts.hostname}: put the credentials into AWS_... variables"
                )
            self._prefix = unquote(parts.path).strip("/")
            self._store = self._remote(stores, parts.scheme, parts.netloc, endpoint, region, allow_http, path_style)
        elif parts.scheme in {"", "file"}:
            self.folder = Path(unquote(parts.path) if parts.scheme else url).absolute()
            if not self.folder.is_dir() and not make:
                raise StoreAddressError(f"{self.folder}: no store here; a push or a crawl with --store creates one")
            self.url = f"{self.folder}/"
            with storage(self.folder):
                self._store = stores.LocalStore(self.folder, mkdir=True)
            self._prefix = ""
        else:
            raise StoreAddressError(f"{url}: neither s3://BUCKET/PREFIX nor a folder")

    def _remote(
        self, stores: Any, scheme: str, bucket: str, endpoint: str, region: str, allow_http: bool, path_style: bool
    ) -> Any:  # fmt: skip
        base = f"{scheme}://{bucket}"
        if scheme != "s3":
            return stores.from_url(base, client_options=_CLIENT, retry_config=_RETRY)
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        config: dict[str, Any] = {"virtual_hosted_style_request": not path_style}
        config |= {"endpoint": endpoint} if endpoint else {}
        config |= {"region": region} if region else {}
        if endpoint and (urlsplit(endpoint).scheme not in {"http", "https"} or not urlsplit(endpoint).hostname):
            raise StoreAddressError(f"{endpoint}: an endpoint is written https://HOST or https://HOST:PORT")
        plain = urlsplit(endpoint).scheme == "http"
        if plain and not (allow_http or _is_here(urlsplit(endpoint).hostname or "")):
            raise StoreAddressError(f"{endpoint}: has no TLS; allow_http = true in [store] allows it")
        try:
            return stores.S3Store(
                bucket, config=config, client_options=_CLIENT | {"allow_http": plain}, retry_config=_RETRY
            )
        except self._errors.BaseError as error:
            raise StoreAddressError(str(store_error(base, error))) from error

    def below(self, name: str) -> Objects:
        """The objects below *name*/ of these."""
        other: Objects = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.url, other._prefix = f"{self.url}{name}/", f"{self._prefix}/{name}".strip("/")
        return other

    # -- requests ----------------------------------------------------------------------------------------------------

    def get(self, key: str) -> bytes:
        """The object *key*. Raises NoObjectError, StorageError."""
        return self._ask("GET", key, lambda path: bytes(self._obstore.get(self._store, path).bytes()))

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """*length* bytes of *key* from *start* on. Raises NoObjectError, StorageError."""
        return self._ask(
            "GET", key, lambda path: bytes(self._obstore.get_range(self._store, path, start=start, length=length))
        )

    def chunks(self, key: str) -> Iterator[bytes]:
        """The object *key*, piece by piece. Raises NoObjectError, StorageError."""
        answer = self._ask("GET", key, lambda path: self._obstore.get(self._store, path))
        pieces = iter(answer.stream(min_chunk_size=_CHUNK))
        while (piece := self._ask("GET", key, lambda _: next(pieces, None))) is not None:
            yield bytes(piece)

    def put(self, key: str, data: bytes | Path, start: int = 0, end: int | None = None) -> None:
        """*data*, or the bytes [start, end) of the file *data*, as the object *key*, in the place of what is there."""
        if isinstance(data, Path):
            end = data.stat().st_size if end is None else end
            if end - start <= _SINGLE:
                data = b"".join(_pieces(data, start, end))
        self._written(self._ask("PUT", key, lambda path: self._sent(path, data, start, end)), key)

    def _sent(self, path: str, data: bytes | Path, start: int, end: int | None) -> Any:
        if isinstance(data, bytes):
            return self._obstore.put(self._store, path, data, use_multipart=False)
        assert end is not None
        return self._obstore.put(self._store, path, _pieces(data, start, end))

    def create(self, key: str, data: bytes) -> bool:
        """*data* as the object *key*, if there is none yet; False where there is another one.

        An answer that was lost is no loss: who finds there what was to be written has written it.
        """
        for attempt in range(_TRIES):
            if self.put_new(key, data):
                return True
            try:
                return self.get(key) == data
            except NoObjectError:  # a conflict that was none, of two requests at once
                time.sleep(0.1 * 2**attempt)
        raise StorageError(f"{self.url}{key}: the server lists it, but does not return it")

    def put_new(self, key: str, data: bytes) -> bool:
        """One PUT with ``If-None-Match: *``: whether the server took it."""

        def send(path: str) -> Any:
            try:
                return self._obstore.put(self._store, path, data, mode="create")
            except (self._errors.AlreadyExistsError, self._errors.PreconditionError):
                return None

        answer = self._ask("PUT", key, send)
        if answer is not None:
            self._written(answer, key)
        return answer is not None

    def listing(self, prefix: str = "", after: str = "") -> list[StoredObject]:
        """The objects whose keys begin with the folder *prefix*, sorted, those behind the key *after* only."""
        offset = self._path(after) if after else None

        def collect(path: str) -> list[Any]:
            found = self._obstore.list(self._store, path or None, offset=offset)
            return [entry for some in found for entry in some]

        cut = len(self._prefix) + 1 if self._prefix else 0
        found = self._ask("LIST", prefix, collect)
        return sorted(
            (StoredObject(entry["path"][cut:], entry["size"], entry["last_modified"]) for entry in found),
            key=lambda entry: entry.key,
        )

    def names(self) -> list[str]:
        """The names of the folders that lie here, sorted; not those that begin with a dot."""
        answer = self._ask(
            "LIST", "", lambda path: self._obstore.list_with_delimiter(self._store, path or None)
        )  # fmt: skip
        found = (str(common_prefix).rstrip("/").rpartition("/")[2] for common_prefix in answer["common_prefixes"])
        return sorted(name for name in found if not name.startswith("."))

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes *keys*; those that are not there are no error."""
        for key in keys:
            try:
                self._ask("DELETE", key, lambda path: self._obstore.delete(self._store, path))
            except NoObjectError:
                continue

    # -- inside ------------------------------------------------------------------------------------------------------

    def _path(self, key: str) -> str:
        return f"{self._prefix}/{key}".strip("/")

    def _ask(self, verb: str, key: str, call: Callable[[str], _T]) -> _T:
        """One request, whose errors are ours."""
        try:
            return call(self._path(key))
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise store_error(self.url, error) from error
            raise NoObjectError(f"{self.url}{key}: is not in the store") from error
        except (self._errors.BaseError, OSError) as error:
            raise store_error(f"{self.url}{key}: {verb}", error) from error

    def _written(self, answer: Mapping[str, Any], key: str) -> None:
        self.versioned = self.versioned or answer.get("version") not in {None, "null"}
        if self.folder is not None:  # obstore leaves it to the system when a file becomes durable
            path = self.folder / self._path(key)
            with storage(path):
                fd = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
                sync_folder(path.parent)


def sha256_of(data: bytes) -> str:
    """Hex sha256 of *data*."""
    return hashlib.sha256(data).hexdigest()


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of *path*."""
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(_CHUNK, end - start))):
            start += len(piece)
            yield piece


def _is_here(host: str) -> bool:
    """Whether *host* is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
