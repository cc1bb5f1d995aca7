"""A server of the Messages API on a loopback port that does what a test's script says.

It speaks real HTTP, so the real SDK can be driven through everything that servers do in the
field: errors, delays, nonsense, cut connections. Nothing outlives the `with` block.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

MODEL = "claude-haiku-4-5"
JSON_TYPE = {"content-type": "application/json"}
SSE_TYPE = {"content-type": "text/event-stream"}


@dataclass(frozen=True)
class Received:
    """A request as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Connection:
    """What a script may do with the connection on which a request came in.

    Attributes:
        request: The request.
    """

    def __init__(
        self, handler: BaseHTTPRequestHandler, request: Received, stopping: threading.Event
    ) -> None:
        self.request = request
        self._handler = handler
        self._stopping = stopping

    def head(self, status: int, headers: dict[str, str], length: int | None) -> None:
        """Send the head; without a length the body ends with the connection."""
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        if length is None:
            self._handler.send_header("connection", "close")
        else:
            self._handler.send_header("content-length", str(length))
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Send some bytes at once."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def wait(self, seconds: float = 60.0) -> bool:
        """Do nothing for a while; True if the test is over."""
        return self._stopping.wait(seconds)

    def hang_up(self) -> None:
        """Close the connection in good order."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Tear the connection down, so that the client sees a reset."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()
        self._handler.close_connection = True


Play = Callable[[Connection], None]


class MessagesServer:
    """Plays the first script for the first request, and so on; the last one for all others.

    Args:
        script: What to do.
    """

    def __init__(self, *script: Play) -> None:
        self.requests: list[Received] = []
        self._script = script
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request by the script."""
        size = int(handler.headers.get("content-length", 0))
        body = json.loads(handler.rfile.read(size) or b"{}")
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self._sockets.add(handler.connection)
            turn = min(len(self.requests), len(self._script) - 1)
            request = Received(handler.path, headers, body)
            self.requests.append(request)
        with suppress(OSError):
            self._script[turn](Connection(handler, request, self._stopping))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: scripts break connections on purpose."""


def _handler(server: MessagesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            server.serve(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler


def message(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """Return a well-formed answer; a change to `...` leaves the field out."""
    whole = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 100, "output_tokens": 7},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def answer(text: str = "hello", **changes: Any) -> Play:
    """Answer well, or nearly."""
    return reply(message(text, **changes))


def reply(content: object, status: int = 200, **headers: str) -> Play:
    """Send a JSON body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return raw(json.dumps(content).encode(), status, JSON_TYPE | named)


def error(status: int, kind: str, text: str = "no", code: str = "", **headers: str) -> Play:
    """Send an error as the hosted server words it."""
    details = {"details": {"error_code": code}} if code else {}
    inner = {"type": kind, "message": text, **details}
    return reply({"type": "error", "error": inner}, status, **headers)


def raw(body: bytes, status: int = 200, headers: dict[str, str] = JSON_TYPE) -> Play:
    """Send any bytes as the body."""

    def play(connection: Connection) -> None:
        connection.head(status, headers, len(body))
        connection.write(body)

    return play


def silence(connection: Connection) -> None:
    """Take the request and never answer."""
    connection.wait()
    connection.hang_up()


def reset(connection: Connection) -> None:
    """Take the request and reset the connection."""
    connection.reset()


def trickle(body: bytes, every_s: float = 0.02) -> Play:
    """Send a body byte by byte, so that no read ever times out."""

    def play(connection: Connection) -> None:
        connection.head(200, JSON_TYPE, len(body))
        for byte in body:
            connection.write(bytes([byte]))
            if connection.wait(every_s):
                return

    return play


def flood(status: int, headers: dict[str, str], begin: bytes, piece: bytes) -> Play:
    """Send a body that does not end."""

    def play(connection: Connection) -> None:
        connection.head(status, headers, None)
        connection.write(begin)
        while not connection.wait(0):
            connection.write(piece)

    return play


def events(
    *stream: dict[str, Any] | bytes, then: Play | None = None, chunked: bool = False
) -> Play:
    """Send a stream of events, or raw bytes between them; then hang up, or do what is said."""

    def play(connection: Connection) -> None:
        headers = SSE_TYPE | ({"transfer-encoding": "chunked"} if chunked else {})
        connection.head(200, headers, None)
        for part in stream:
            data = part if isinstance(part, bytes) else sse(part)
            connection.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
        if then is not None:
            then(connection)
        connection.hang_up()

    return play


def sse(event: dict[str, Any]) -> bytes:
    """Return an event as it goes over the wire."""
    return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), json.dumps(event).encode())


def stream_of(pieces: Sequence[str], **changes: Any) -> list[dict[str, Any]]:
    """Return the events of a well-formed answer; changes as in `message`."""
    whole = message(**changes)
    end = whole.get("stop_reason")
    first = whole | {"content": [], "stop_reason": None}
    if "usage" in whole:
        first["usage"] = whole["usage"] | {"output_tokens": 1}
    return [
        {"type": "message_start", "message": first},
        {"type": "ping"},
        *_block(pieces),
        {
            "type": "message_delta",
            "delta": {"stop_reason": end, "stop_sequence": None},
            **({"usage": whole["usage"]} if "usage" in whole else {}),
        },
        {"type": "message_stop"},
    ]


def _block(pieces: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": piece},
            }
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
    ]
