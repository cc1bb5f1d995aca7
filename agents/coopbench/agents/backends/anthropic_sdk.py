"""One request to a server of the Messages API through the official SDK; its only importer.

The SDK builds and sends the request, frames the stream and names the errors. Its retries are
off, its limits are replaced by harder ones, and what it returns is read by `messages_reply`.
"""

import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coopbench.agents.backends.anthropic_options import Options
from coopbench.agents.backends.messages_reply import (
    MessageReply,
    is_error,
    malformed,
    read_message,
    whole,
)
from coopbench.agents.backends.messages_stream import MessageStream
from coopbench.agents.backends.model import FailureKind, Request
from coopbench.agents.backends.provider_errors import Endpoint, ServerError, failure_of
from coopbench.agents.backends.reply import parse_object
from coopbench.agents.backends.retry import Failure, one_line
from coopbench.agents.backends.volatile import plain

if TYPE_CHECKING:
    import anthropic
    import httpx2

MAX_BYTES = 32 << 20
"""Longest response that is read; the longest answers are a tenth of it."""
CONNECT_S = 10.0
"""Most seconds until a connection stands."""
UNSTREAMED_TOKENS = 16_000
"""Answers that may be longer come as a stream: a silent connection might be cut on the way."""

_CUSTOM_HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
_NEEDED_HEADERS = {
    "accept",
    "accept-encoding",
    "anthropic-version",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
}


class UnreadableError(Exception):
    """A response that is not worth reading on."""


def open_client(options: Options, key: str) -> "anthropic.AsyncAnthropic":
    """Return a client of the SDK that sends nothing but what the options say."""
    import anthropic
    import httpx2

    async def only_ours(request: httpx2.Request) -> None:
        # The SDK adds headers of the environment, which may hold credentials for elsewhere.
        for line in os.environ.get(_CUSTOM_HEADERS, "").split("\n"):
            foreign = line.partition(":")[0].strip()
            if foreign.lower() not in _NEEDED_HEADERS:
                request.headers.pop(foreign, None)
        request.headers["Authorization"] = f"Bearer {key}"

    http = httpx2.AsyncClient(
        # A proxy that the environment names would swallow calls to this machine.
        trust_env=not options.local,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [only_ours], "response": [_bound]},
    )
    return anthropic.AsyncAnthropic(
        api_key=key, base_url=options.url, max_retries=0, http_client=http, open_telemetry=False
    )


async def exchange(
    client: "anthropic.AsyncAnthropic", options: Options, request: Request, seconds: float
) -> MessageReply | Failure:
    """Send a request and read what comes back.

    Args:
        client: From `open_client`.
        options: Server and model.
        request: What to ask.
        seconds: How long the server may be silent; the caller keeps the time of the whole.
    """
    import anthropic
    import httpx2

    unstreamed = request.max_tokens <= UNSTREAMED_TOKENS
    streamed = not unstreamed if options.stream is None else options.stream
    arguments = _arguments(options, request, seconds)
    try:
        async with client.messages.with_streaming_response.create(
            stream=streamed, **arguments
        ) as response:
            raw = response.http_response
            if streamed and "json" not in raw.headers.get("content-type", ""):
                return await _read_stream(raw, options)
            return _read_whole(await response.read(), raw.headers, options)
    except (
        anthropic.AnthropicError,
        httpx2.HTTPError,
        httpx2.InvalidURL,
        httpx2.StreamError,
        UnreadableError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as e:
        return _failure(e, options.endpoint)


def _arguments(options: Options, request: Request, seconds: float) -> dict[str, Any]:
    import httpx2

    arguments: dict[str, Any] = {
        "model": options.model,
        "max_tokens": request.max_tokens,
        "messages": [{"role": m.role, "content": whole(plain(m.text))} for m in request.messages],
        "timeout": httpx2.Timeout(seconds, connect=min(CONNECT_S, seconds)),
    }
    abilities = options.abilities
    system = whole(plain(request.system))
    if system and abilities.caching and options.cache_ttl != "off":
        mark = {"type": "ephemeral", "ttl": options.cache_ttl}
        arguments["system"] = [{"type": "text", "text": system, "cache_control": mark}]
    elif system:
        arguments["system"] = system
    if abilities.effort and request.effort is not None:
        arguments["output_config"] = {"effort": request.effort}
    sampling = {"temperature": options.temperature, "seed": options.seed}
    chosen = {name: value for name, value in sampling.items() if value is not None}
    if chosen:
        # The SDK has no such parameters, because hosted models refuse them.
        arguments["extra_body"] = chosen
    return arguments


def _read_whole(
    body: bytes, headers: Mapping[str, str], options: Options
) -> MessageReply | Failure:
    reply = read_message(body, hour_cache=options.cache_ttl == "1h")
    if isinstance(reply, Mapping):
        return failure_of(ServerError(200, reply, headers, time.time()), options.endpoint)
    return reply


async def _read_stream(raw: "httpx2.Response", options: Options) -> MessageReply | Failure:
    import anthropic

    stream = MessageStream(hour_cache=options.cache_ttl == "1h")
    async for event in anthropic.AsyncStream.raw_events(raw):
        if not event.data or event.data == "[DONE]":
            continue
        data = parse_object(event.data.encode())
        if isinstance(data, str):
            return malformed(f"an event of the stream is {data}")
        if is_error(data):
            error = ServerError(200, data, raw.headers, time.time())
            return replace(failure_of(error, options.endpoint), maybe_billed=stream.begun)
        failure = stream.feed(str(data.get("type") or event.event), data)
        if failure is not None:
            return failure
        if stream.ended:
            break
    return stream.finish()


async def _bound(response: "httpx2.Response") -> None:
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        """A body that may not be longer than `MAX_BYTES`."""

        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in self._inner:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise UnreadableError(f"more than {MAX_BYTES >> 20} MiB")
                yield chunk

        async def aclose(self) -> None:
            await self._inner.aclose()

    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        # It might unfold to any size.
        raise UnreadableError(f"a body in coding {coding!r} although none was asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = Bounded(response.stream)


def _failure(error: Exception, endpoint: Endpoint) -> Failure:
    import anthropic
    import httpx2

    if isinstance(error, anthropic.APIStatusError):
        told = ServerError(error.status_code, error.body, error.response.headers, time.time())
        return failure_of(told, endpoint)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else None
    cause = cause or error
    why = one_line(f"{type(cause).__name__}: {cause}").rstrip(": ")
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        remedy = f"is a server running at {endpoint.host}? check `base_url`"
        return Failure(FailureKind.UNAVAILABLE, f"no connection: {why}", remedy, "yes")
    if isinstance(
        cause, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol | httpx2.InvalidURL
    ):
        return Failure(FailureKind.INVALID_REQUEST, why, "check `base_url` and the key")
    if isinstance(cause, httpx2.TransportError):
        late = isinstance(cause, httpx2.TimeoutException)
        kind = FailureKind.TIMEOUT if late else FailureKind.UNAVAILABLE
        what = f"{'silence' if late else 'connection lost'}: {why}"
        remedy = f"is {endpoint.host} in good health?"
        return Failure(kind, what, remedy, "yes", maybe_billed=True)
    return malformed(str(cause) if isinstance(cause, UnreadableError) else why)
