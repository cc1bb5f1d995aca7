"""Whatever a server does, the call ends in a named outcome and the ledger balances.

The real SDK talks to a real HTTP server on a loopback port; the question goes through
`Models.ask` with a real budget, as in a trial.
"""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from tests.support.fake_bench import FakeBench
from tests.support.messages_server import (
    JSON_TYPE,
    MODEL,
    SSE_TYPE,
    Connection,
    MessagesServer,
    Play,
    answer,
    error,
    events,
    flood,
    message,
    raw,
    reply,
    reset,
    silence,
    sse,
    stream_of,
    trickle,
)

from coopbench.agents.ask import Models, Question
from coopbench.agents.backends.anthropic_api import AnthropicBackend
from coopbench.agents.backends.anthropic_options import Options
from coopbench.agents.backends.model import (
    Answer,
    Attempt,
    CallFailed,
    FailureKind,
    Message,
    StopReason,
    Usage,
)
from coopbench.agents.backends.prices import PriceList, PriceRow
from coopbench.agents.backends.retry import RetryPolicy
from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts, Caps
from coopbench.harness.settings import Settings

KEY = "sk-test-0123456789"
MAX_TOKENS = 1000
SYSTEM, PROMPT = "You rewrite C functions.", "Make this faster: int f(void) { return 1; }"
TOLD = Usage(input_tokens=100, output_tokens=7)
UNAVAILABLE, RATE_LIMITED = FailureKind.UNAVAILABLE, FailureKind.RATE_LIMITED
TIMEOUT, INVALID = FailureKind.TIMEOUT, FailureKind.INVALID_REQUEST
MALFORMED = FailureKind.MALFORMED_RESPONSE
PRICES = PriceList(
    [
        PriceRow(
            models=(MODEL,),
            input=Decimal(1),
            output=Decimal(5),
            cache_read=Decimal("0.1"),
            cache_write_5m=Decimal("1.25"),
            cache_write_1h=Decimal(2),
            source="made up",
            checked=date(2026, 1, 1),
        )
    ]
)


@dataclass(frozen=True)
class Scenario:
    """What a server does, and how the call must end.

    Attributes:
        script: What it does with the first request, the second one…
        kind: How the call fails; None: it does not.
        text: Of the answer.
        stop: Of the answer.
        usage: Of the answer, as told; None: estimated.
        tries: Number of attempts.
        billed: How many of them brought nothing but may have been billed.
        slept: Seconds waited before further attempts.
        says: What the message, or the answer's detail, contains.
        wall_s: Wall time left in the budget.
        options: Of the backend.
    """

    script: tuple[Play, ...]
    kind: FailureKind | None = None
    text: str = "hello"
    stop: StopReason = "end"
    usage: Usage | None = TOLD
    tries: int = 1
    billed: int = 0
    slept: tuple[float, ...] = ()
    says: str = ""
    wall_s: float = 120.0
    options: Mapping[str, object] = field(default_factory=dict)


def ok(*script: Play, text: str = "hello", **more: object) -> Scenario:
    """A call that brings an answer."""
    return Scenario(script, text=text, **more)  # type: ignore[arg-type]


def refused(play: Play, says: str) -> Scenario:
    """A call that is refused for good: one attempt, nothing billed."""
    return Scenario((play,), INVALID, says=says)


def nonsense(play: Play, says: str, **more: object) -> Scenario:
    """An answer that is none: tried once more, both times maybe billed."""
    return Scenario(
        (play,),
        MALFORMED,
        tries=2,
        billed=2,
        slept=(0.25,),
        says=says,
        **more,  # type: ignore[arg-type]
    )


def streamed(*script: Play, **more: object) -> Scenario:
    """A call that brings an answer in pieces."""
    return ok(*script, options={"stream": True}, **more)  # type: ignore[arg-type]


LLAMA = {"profile": "llama.cpp", "api_key_env": None}
STREAM = {"stream": True}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "too much"}}
EVENTS = stream_of(["hel", "lo"])
HALF = EVENTS[:5]
CRLF = "```c\r\nint f(void)\r\n{ return '\u00e9'; } // \U0001f600 \u4e2d\u6587 \u2028\r\n```\r\n"
TOO_LONG = {
    "error": {
        "code": 400,
        "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 14429,
        "n_ctx": 8192,
    }
}
TOOL = {"type": "tool_use", "id": "t1", "name": "build", "input": "not even an object"}
TEXT = {"type": "text", "text": "hello"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"


def bare(*stream: dict[str, object]) -> Play:
    """A stream without `event:` lines and with a final mark, as some servers send it."""
    lines = [b"data: %s\n\n" % json.dumps(e).encode() for e in stream]
    return raw(b"".join(lines) + b"data: [DONE]\n\n", headers=SSE_TYPE)


def slow_head(connection: Connection) -> None:
    """Send the head of a response byte by byte."""
    for byte in b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" * 100:
        connection.write(bytes([byte]))
        if connection.wait(0.02):
            return


def pings(connection: Connection) -> None:
    """Send signs of life for ever."""
    while not connection.wait(0.02):
        connection.write(sse({"type": "ping"}))


def cut_body(connection: Connection) -> None:
    """Promise more bytes than come."""
    body = json.dumps(message()).encode()
    connection.head(200, JSON_TYPE, len(body) + 10)
    connection.write(body)
    connection.hang_up()


SCENARIOS: dict[str, Scenario] = {
    # answers
    "ok json": ok(answer()),
    "ok sse": streamed(events(*EVENTS)),
    "ok sse chunked": streamed(events(*EVENTS, b"", chunked=True)),
    "ok sse without event names": streamed(bare(*EVENTS)),
    "ok json where a stream was asked for": streamed(answer()),
    "ok with fields nobody knows": ok(answer(novelty={"a": 1}, container=None)),
    "unicode and crlf": ok(answer(CRLF), text=CRLF),
    "unicode and crlf in a stream": streamed(events(*stream_of(list(CRLF))), text=CRLF),
    "half characters": ok(answer("a\ud800b \ud83d\ude00"), text="a\ufffdb \U0001f600"),
    "empty text": ok(answer(""), text=""),
    "no blocks": ok(answer(content=[]), text=""),
    "two text blocks": ok(answer(content=[TEXT, THOUGHT, TEXT]), text="hellohello"),
    "thinking first": ok(answer(content=[THOUGHT, TEXT])),
    "unknown block beside text": ok(answer(content=[{"type": "hologram"}, TEXT])),
    "refusal": ok(
        answer(content=[], stop_reason="refusal", stop_details={"category": "cyber"}),
        text="",
        stop="refusal",
        says="cyber",
    ),
    "refusal without details": ok(answer("I", stop_reason="refusal"), text="I", stop="refusal"),
    "max_tokens inside a fence": ok(
        answer("```c\nint f(", stop_reason="max_tokens"), text="```c\nint f(", stop="length"
    ),
    "max_tokens while thinking": ok(
        answer(content=[THOUGHT], stop_reason="max_tokens"), text="", stop="length"
    ),
    "stop sequence": ok(answer(stop_reason="stop_sequence")),
    "context full": ok(answer(stop_reason="model_context_window_exceeded"), stop="context"),
    "usage absent": ok(answer(usage=...), usage=None),
    "usage null": ok(answer(usage=None), usage=None),
    "usage fields null": ok(
        answer(usage={"input_tokens": None, "output_tokens": None}), usage=None
    ),
    "usage fields text": ok(answer(usage={"input_tokens": "9", "output_tokens": 7}), usage=None),
    "usage absurd": ok(answer(usage={"input_tokens": 10**30, "output_tokens": -1}), usage=None),
    "usage absent in a stream": streamed(events(*stream_of(["hello"], usage=...)), usage=None),
    "usage with cache": ok(
        answer(
            usage={
                "input_tokens": 3,
                "cache_read_input_tokens": 50,
                "cache_creation_input_tokens": 30,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 10,
                    "ephemeral_1h_input_tokens": 20,
                },
                "output_tokens": 8,
                "output_tokens_details": {"thinking_tokens": 5},
            }
        ),
        usage=Usage(
            input_tokens=3,
            cache_read_tokens=50,
            cache_write_tokens=10,
            cache_write_1h_tokens=20,
            output_tokens=8,
        ),
    ),
    # trouble that passes
    "429, 529, then an answer": ok(
        error(429, "rate_limit_error", retry_after="3"),
        error(529, "overloaded_error"),
        answer(),
        tries=3,
        slept=(3.0, 0.5),
    ),
    "500, then an answer": ok(error(500, "api_error"), answer(), tries=2, slept=(0.25,)),
    "408, 409, then an answer": ok(
        error(408, "timeout_error"),
        error(409, "conflict"),
        answer(),
        tries=3,
        slept=(0.25, 0.5),
    ),
    "502 as html, then an answer": ok(
        raw(b"<html>bad gateway</html>", 502, {"content-type": "text/html"}),
        answer(),
        tries=2,
        slept=(0.25,),
    ),
    "504 maybe billed, then an answer": ok(
        error(504, "timeout_error"), answer(), tries=2, billed=1, slept=(0.25,)
    ),
    "retry-after in milliseconds": ok(
        error(429, "rate_limit_error", retry_after_ms="1500", retry_after="40"),
        answer(),
        tries=2,
        slept=(1.5,),
    ),
    "retry-after unreadable": ok(
        error(429, "rate_limit_error", retry_after="soon"), answer(), tries=2, slept=(0.25,)
    ),
    "400 that asks to be tried again": refused(
        error(400, "invalid_request_error", "x", x_should_retry="true"), "status 400"
    ),
    "reset, then an answer": ok(reset, answer(), tries=2, billed=1, slept=(0.25,)),
    "cut body, then an answer": ok(cut_body, answer(), tries=2, billed=1, slept=(0.25,)),
    "broken json, then an answer": ok(raw(b"{"), answer(), tries=2, billed=1, slept=(0.25,)),
    "overloaded in a stream, then an answer": streamed(
        events(OVERLOADED), events(*EVENTS), tries=2, slept=(0.25,)
    ),
    "silence for one attempt, then an answer": ok(
        silence, answer(), tries=2, billed=1, slept=(0.25,), options={"timeout_s": 0.3}
    ),
    # trouble that stays
    "429 for ever": Scenario(
        (error(429, "rate_limit_error", "slow down"),),
        RATE_LIMITED,
        tries=3,
        slept=(0.25, 0.5),
        says="slow down (tried 3 times)",
    ),
    "huge retry-after": Scenario(
        (error(429, "rate_limit_error", retry_after="86400"),),
        RATE_LIMITED,
        tries=3,
        slept=(60.0, 60.0),
        wall_s=1000.0,
    ),
    "retry-after as a date in the far future": Scenario(
        (error(429, "rate_limit_error", retry_after=LATER),),
        RATE_LIMITED,
        tries=3,
        slept=(60.0, 60.0),
        wall_s=1000.0,
    ),
    "retry-after beyond the deadline": Scenario(
        (error(429, "rate_limit_error", retry_after="30"),),
        RATE_LIMITED,
        says="no time is left for another attempt",
        wall_s=20.0,
    ),
    "503 beyond the deadline": Scenario(
        (error(503, "overloaded_error", retry_after="30"),),
        FailureKind.BUDGET_EXCEEDED,
        says="no time is left for another attempt",
        wall_s=20.0,
    ),
    "529 for ever": Scenario(
        (error(529, "overloaded_error"),), UNAVAILABLE, tries=3, slept=(0.25, 0.5)
    ),
    "503 that must not be tried again": Scenario(
        (error(503, "api_error", x_should_retry="false"),), UNAVAILABLE, says="status 503"
    ),
    "reset for ever": Scenario(
        (reset,), UNAVAILABLE, tries=3, billed=3, slept=(0.25, 0.5), says="connection lost"
    ),
    "400": refused(error(400, "invalid_request_error", "bad field"), "bad field"),
    "401": refused(error(401, "authentication_error", f"{KEY} is no key"), "[key] is no key"),
    "401, no key": Scenario(
        (error(401, "authentication_error", "who?"),),
        INVALID,
        says="it wants a key: name the environment variable that holds it in `api_key_env`",
        options=LLAMA,
    ),
    "402": refused(error(402, "billing_error"), "spending limit"),
    "403": refused(error(403, "permission_error"), "may not use model"),
    "404": refused(error(404, "not_found_error"), "have a model"),
    "413": refused(error(413, "request_too_large"), "too large"),
    "422 as text": refused(raw(b"no such field", 422, {}), "no such field"),
    "501": refused(error(501, "api_error"), "status 501"),
    "redirected": refused(raw(b"", 307, {"location": "http://127.0.0.1:1/"}), "status 307"),
    "spending limit": refused(
        error(429, "rate_limit_error", code="enforced_spend_limit_reached"), "spending limit"
    ),
    "prompt too long, hosted": refused(
        error(400, "invalid_request_error", "prompt is too long: 9 > 8"), "context window"
    ),
    "prompt too long, local": Scenario(
        (reply(TOO_LONG, 400),), INVALID, says="context window", options=LLAMA
    ),
    "prompt too long, local, status 200": Scenario(
        (reply(TOO_LONG),), INVALID, says="context window", options=LLAMA
    ),
    "silence": Scenario((silence,), TIMEOUT, billed=1, wall_s=0.3),
    "silence in every attempt": Scenario(
        (silence,), TIMEOUT, tries=3, billed=3, slept=(0.25, 0.5), options={"timeout_s": 0.2}
    ),
    "trickle": Scenario(
        (trickle(json.dumps(message("x" * 4000)).encode()),), TIMEOUT, billed=1, wall_s=0.4
    ),
    "trickled head": Scenario((slow_head,), TIMEOUT, billed=1, wall_s=0.4),
    # answers that are none
    "broken json": nonsense(raw(b'{"type": "message", "content": ['), "not JSON"),
    "json that is no object": nonsense(raw(b"[1, 2]"), "not a JSON object"),
    "empty body": nonsense(raw(b""), "not JSON"),
    "not utf-8": nonsense(raw(b"\xff\xfe{}"), "not UTF-8"),
    "deep json": nonsense(raw(b"[" * 200_000), "not JSON"),
    "html": nonsense(raw(b"<html></html>", headers={"content-type": "text/html"}), "<html>"),
    "null content": nonsense(answer(content=None), "content is NoneType"),
    "missing content": nonsense(answer(content=...), "content is NoneType"),
    "content as text": nonsense(answer(content="hello"), "content is str"),
    "block without type": nonsense(answer(content=[{"text": "a"}]), "no type"),
    "block that is none": nonsense(answer(content=[None]), "no type"),
    "text block without text": nonsense(answer(content=[{"type": "text"}]), "without text"),
    "tool call": nonsense(answer(content=[TOOL], stop_reason="tool_use"), "'tool_use'"),
    "tool call that ends the turn": nonsense(answer(content=[TOOL]), "of type tool_use"),
    "unknown block": nonsense(answer(content=[{"type": "hologram"}]), "hologram"),
    "pause": nonsense(answer(stop_reason="pause_turn"), "pause_turn"),
    "unknown stop reason": nonsense(answer(stop_reason="tired"), "tired"),
    "null stop reason": nonsense(answer(stop_reason=None), "None"),
    "missing stop reason": nonsense(answer(stop_reason=...), "None"),
    "from the user": nonsense(answer(role="user"), "not from the assistant"),
    "flood": nonsense(flood(200, JSON_TYPE, b'{"a": "', b"x" * (1 << 20)), "32 MiB"),
    "flood in an error": nonsense(flood(400, JSON_TYPE, b'{"a": "', b"x" * (1 << 20)), "32 MiB"),
    "flood of events": nonsense(
        flood(200, SSE_TYPE, b"", b": nothing\n\n" * 60_000), "32 MiB", options=STREAM
    ),
    "flood in one event": nonsense(
        flood(200, SSE_TYPE, b"data: ", b"x" * (1 << 20)), "32 MiB", options=STREAM
    ),
    "compressed": nonsense(
        raw(gzip.compress(b"{}"), headers=JSON_TYPE | {"content-encoding": "gzip"}), "gzip"
    ),
    # streams
    "cut stream": nonsense(events(*HALF), "cut off", options=STREAM),
    "empty stream": nonsense(events(), "cut off", options=STREAM),
    "stream without an end": nonsense(events(*EVENTS[:-1]), "cut off", options=STREAM),
    "null stop reason in a stream": nonsense(
        events(*stream_of(["a"], stop_reason=None)), "None", options=STREAM
    ),
    "bad json in a stream": nonsense(
        events(*HALF, b"event: ping\ndata: {oops\n\n"), "an event of the stream", options=STREAM
    ),
    "piece of no block": nonsense(
        events(EVENTS[0], EVENTS[3]), "block that did not begin", options=STREAM
    ),
    "not utf-8 in a stream": nonsense(
        events(EVENTS[0], b"data: \xff\n\n"), "UnicodeDecodeError", options=STREAM
    ),
    "chunked stream cut": Scenario(
        (events(*HALF, chunked=True),),
        UNAVAILABLE,
        tries=3,
        billed=3,
        slept=(0.25, 0.5),
        says="connection lost",
        options=STREAM,
    ),
    "error in a stream before it begins": Scenario(
        (events(OVERLOADED),),
        UNAVAILABLE,
        tries=3,
        slept=(0.25, 0.5),
        says="overloaded_error",
        options=STREAM,
    ),
    "error in a stream that had begun": Scenario(
        (events(*HALF, OVERLOADED),),
        UNAVAILABLE,
        tries=3,
        billed=3,
        slept=(0.25, 0.5),
        says="overloaded_error",
        options=STREAM,
    ),
    "refusal by an event": Scenario(
        (events({"type": "error", "error": {"type": "invalid_request_error", "message": "x"}}),),
        INVALID,
        options=STREAM,
    ),
    "stall in a stream": Scenario(
        (events(*HALF, then=silence),), TIMEOUT, billed=1, wall_s=0.4, options=STREAM
    ),
    "pings for ever": Scenario(
        (events(then=pings),),
        TIMEOUT,
        billed=1,
        wall_s=0.4,
        options=STREAM,
    ),
}


@pytest.fixture(autouse=True, scope="module")
def sdk_is_loaded() -> None:
    """Load the SDK before short deadlines run; it takes a second or two."""
    with MessagesServer(answer()) as server:
        backend = backend_at(server.url, [], api_key_env=None, profile="compatible")
        try:
            assert isinstance(ask(backend, FakeBench()), Answer)
        finally:
            backend.close()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """No test leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a key where the backend looks for it."""
    monkeypatch.setenv("SCENARIO_KEY", KEY)


def backend_at(url: str, slept: list[float], **options: object) -> AnthropicBackend:
    """Return the backend for a server, with waits that are only noted."""
    table = {
        "type": "anthropic",
        "model": MODEL,
        "base_url": url,
        "profile": "hosted",
        "api_key_env": "SCENARIO_KEY",
        **options,
    }
    policy = RetryPolicy(retries=2, sleep=slept.append, draw=lambda: 0.0)
    return AnthropicBackend("main", Options.model_validate(table), policy)


def ask(backend: AnthropicBackend, bench: FakeBench) -> Answer | CallFailed:
    """Ask the one question of all scenarios."""
    models = Models({"": backend}, bench, bench.settings, PRICES, bench.trial)
    question = Question(
        role="c",
        step="rewrite 1",
        system=SYSTEM,
        messages=(Message(role="user", text=PROMPT),),
        level=Level.C,
    )
    return models.ask(question)


def price(usage: Usage) -> int:
    """Return what `PRICES` makes of a usage, in nano-dollars."""
    return (
        1000 * usage.input_tokens
        + 100 * usage.cache_read_tokens
        + 1250 * usage.cache_write_tokens
        + 2000 * usage.cache_write_1h_tokens
        + 5000 * usage.output_tokens
    )


def ledger_of(scenario: Scenario) -> Amounts:
    """Return what a scenario costs: the answer, and a whole reservation per lost attempt."""
    words = sum(-(-len(text.encode()) // 3) for text in (SYSTEM, PROMPT))
    reserved = Usage(input_tokens=words, output_tokens=MAX_TOKENS)
    answered = scenario.usage or Usage(
        input_tokens=words, output_tokens=-(-len(scenario.text.encode()) // 3)
    )
    paid = [reserved] * scenario.billed + ([answered] if scenario.kind is None else [])
    guessed = scenario.kind is None and scenario.usage is None
    return Amounts(
        model_calls=scenario.tries,
        tokens=sum(u.total for u in paid),
        nano_dollars=sum(price(u) for u in paid),
        estimated_calls=scenario.billed + guessed,
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_ends_in_a_named_outcome_and_the_ledger_balances(
    name: str, key: None
) -> None:
    """Outcome, attempts, waits, ledger and trajectory are exactly those that the script earns."""
    scenario = SCENARIOS[name]
    bench = FakeBench(
        caps=Caps(wall_ns=int(scenario.wall_s * 1e9), nano_dollars=10**12),
        settings=Settings(backend="main", max_tokens=MAX_TOKENS),
    )
    slept: list[float] = []
    with MessagesServer(*scenario.script) as server:
        backend = backend_at(server.url, slept, **scenario.options)
        try:
            outcome = ask(backend, bench)
        finally:
            backend.close()
    if isinstance(outcome, Answer):
        assert scenario.kind is None, outcome
        assert (outcome.text, outcome.stop) == (scenario.text, scenario.stop)
        assert outcome.usage == scenario.usage
        assert scenario.says in outcome.detail
    else:
        assert outcome.kind == scenario.kind, outcome
        assert scenario.says in outcome.message
        assert "\n" not in outcome.message
        assert outcome.maybe_billed == (scenario.billed > 0)
    assert slept == list(scenario.slept)
    assert len(outcome.attempts) == len(server.requests) == scenario.tries
    failed = [a for a in outcome.attempts if a.failure is not None]
    assert len(failed) == scenario.tries - (scenario.kind is None)
    assert sum(a.maybe_billed for a in outcome.attempts) == scenario.billed
    assert KEY not in outcome.model_dump_json()
    check_books(bench, ledger_of(scenario), outcome.attempts)


def check_books(bench: FakeBench, spent: Amounts, attempts: tuple[Attempt, ...]) -> None:
    """Nothing stays reserved, the sums are exact, and the trajectory has every attempt."""
    snapshot = bench.budget.snapshot()
    assert snapshot.reserved == Amounts()
    assert snapshot.spent == spent
    assert [s.amounts for s in snapshot.by_purpose] == [spent]
    asked, told = bench.events()
    assert asked.kind == "request"
    assert told.kind in {"answer", "call_failed"}
    assert told.data["attempts"] == [a.model_dump(mode="json") for a in attempts]
    assert told.data["cost"] == spent.model_dump(mode="json")


def test_there_are_enough_scenarios() -> None:
    """At least thirty scenarios stand, of answers, of passing and of lasting trouble."""
    assert len(SCENARIOS) >= 30
    kinds = {s.kind for s in SCENARIOS.values()}
    assert kinds == {None, *FailureKind}


def test_a_refused_connection_is_tried_again_and_costs_nothing(key: None) -> None:
    """No server at all: unavailable, with the address to check, and no money spent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bench = FakeBench(settings=Settings(backend="main", max_tokens=MAX_TOKENS))
    slept: list[float] = []
    backend = backend_at(f"http://127.0.0.1:{port}", slept)
    try:
        outcome = ask(backend, bench)
    finally:
        backend.close()
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is UNAVAILABLE
    assert f"is a server running at 127.0.0.1:{port}?" in outcome.message
    assert slept == [0.25, 0.5]
    check_books(bench, Amounts(model_calls=3), outcome.attempts)


def test_without_time_nothing_is_sent(key: None) -> None:
    """A call whose deadline has passed makes no attempt and costs nothing."""
    bench = FakeBench(
        caps=Caps(wall_ns=0), settings=Settings(backend="main", max_tokens=MAX_TOKENS)
    )
    with MessagesServer(answer()) as server:
        backend = backend_at(server.url, [])
        try:
            outcome = ask(backend, bench)
        finally:
            backend.close()
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.BUDGET_EXCEEDED
    assert not server.requests
    check_books(bench, Amounts(), ())
