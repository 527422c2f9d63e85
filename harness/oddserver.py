"""A server of oddities over raw sockets, plain or TLS, that keeps every byte of both directions."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.oddities import Oddity, oddities, sized
from harness.waiting import elapse


@dataclass(slots=True)
class Crossed:
    """One exchange as the server saw it."""

    received: bytes
    sent: bytes
    oddity: Oddity
    connection: int


class OddServer:
    """The running server. *crossed*: path -> its exchanges in order. *left_out*: paths that the list does not name."""

    def __init__(self, about: str, tls: ssl.SSLContext | None = None, left_out: Sequence[str] = ()) -> None:
        self.tls = tls
        self.crossed: defaultdict[str, list[Crossed]] = defaultdict(list)
        self.answers = {path: oddity for path, oddity in oddities(about).items() if path not in left_out}
        links = "".join(
            f'<li><a href="{path.replace("&", "&amp;")}">A headline that is long enough</a></li>'
            for path in self.answers
            if not path.startswith("/a/chain") or path == "/a/chain"
        )
        listing = f"<html><body><ul>{links}</ul></body></html>".encode()
        self.answers["/"] = [Oddity(sized(listing), listing)]
        self.answers["/robots.txt"] = [Oddity(sized(b"", status=b"HTTP/1.1 404 None Here"))]
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.base = f"{'https' if self.tls else 'http'}://{self.host}"

    def serve(self) -> None:
        """Accepts until the socket is closed."""
        number = 0
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                number += 1
                threading.Thread(target=self._connection, args=(connection, number), daemon=True).start()

    def _connection(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            spoken = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with spoken:
                while request := self._request(spoken):
                    if not self._answer(spoken, request, number):
                        return

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            data = connection.recv(65536)
            if not data:
                return b""
            request += data
        return request

    def _answer(self, connection: socket.socket, request: bytes, number: int) -> bool:
        """Sends the next answer of the path; False where the connection ends with it."""
        path = request.split(b" ", 2)[1].decode()
        answers = self.answers.get(path) or [Oddity(sized(b"", status=b"HTTP/1.1 404 Not Found"))]
        before = self.crossed[path]
        oddity = answers[min(len(before), len(answers) - 1)]
        before.append(Crossed(request, oddity.wire, oddity, number))
        pace = oddity.pace or len(oddity.wire)
        for begin in range(0, len(oddity.wire), pace):
            connection.sendall(oddity.wire[begin : begin + pace])
            if oddity.pace:
                elapse(0.002)  # so that the pieces arrive as pieces
        if oddity.wait:
            connection.settimeout(oddity.wait)
            with contextlib.suppress(TimeoutError):
                connection.recv(1)
            return False
        if oddity.reset:
            elapse(0.05)  # a reset overtakes what has not been read yet
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not (oddity.close or oddity.reset)


@contextlib.contextmanager
def odd_server(about: str, tls: ssl.SSLContext | None = None, left_out: Sequence[str] = ()) -> Iterator[OddServer]:
    """A running server."""
    server = OddServer(about, tls, left_out)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()


def certificate(folder: Path) -> ssl.SSLContext:
    """A context with a certificate that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
