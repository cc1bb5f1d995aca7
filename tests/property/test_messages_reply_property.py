"""No answer of a server, however broken, raises anything; and cutting up changes nothing."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coopbench.agents.backends.messages_reply import (
    MessageReply,
    check_message,
    read_message,
    whole,
)
from coopbench.agents.backends.messages_stream import MessageStream
from coopbench.agents.backends.model import Answer, FailureKind, Provenance
from coopbench.agents.backends.provider_errors import Endpoint, ServerError, failure_of
from coopbench.agents.backends.retry import Failure
from coopbench.agents.backends.volatile import volatile

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = [
    "content",
    "content_block",
    "delta",
    "error",
    "index",
    "message",
    "model",
    "role",
    "stop_details",
    "stop_reason",
    "text",
    "type",
    "usage",
    "input_tokens",
    "output_tokens",
    "cache_creation",
    "category",
]
WORDS = [
    "text",
    "thinking",
    "end_turn",
    "max_tokens",
    "refusal",
    "error",
    "text_delta",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "message_delta",
    "message_stop",
    "overloaded_error",
    "assistant",
]
NEAR: st.SearchStrategy[Any] = st.recursive(
    JSON | st.sampled_from(WORDS) | st.integers(0, 3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), NEAR, max_size=8)
EVENTS = st.tuples(st.sampled_from(WORDS), OBJECTS)


def storable(reply: MessageReply) -> bool:
    """Whether the answer can be stored, and holds no marks of ours."""
    made = Answer(
        text=reply.text,
        stop=reply.stop,
        usage=reply.usage,
        model=reply.model,
        provenance=Provenance(kind="server", detail="t"),
        detail=reply.detail,
    )
    return Answer.model_validate_json(made.model_dump_json()) == made


@given(st.binary() | OBJECTS.map(lambda o: json.dumps(o).encode()))
def test_any_body_is_an_answer_or_a_named_failure(body: bytes) -> None:
    """Byte soup and nearly right objects alike."""
    found = read_message(body)
    if isinstance(found, MessageReply):
        assert storable(found)
    elif isinstance(found, Failure):
        assert found.kind is FailureKind.MALFORMED_RESPONSE
    else:
        error = ServerError(200, found, {}, 0.0)
        assert isinstance(failure_of(error, Endpoint("m", "h", "V")), Failure)


@given(st.lists(EVENTS, max_size=12))
def test_any_events_are_an_answer_or_a_named_failure(events: list[tuple[str, Any]]) -> None:
    """A stream in any order, with any content."""
    stream = MessageStream()
    for kind, data in events:
        if stream.feed(kind, data) is not None:
            return
    found = stream.finish()
    assert storable(found) if isinstance(found, MessageReply) else found.maybe_billed


@given(st.integers(100, 599), JSON | NEAR, st.dictionaries(st.text(), st.text(), max_size=2))
def test_any_error_has_a_meaning(status: int, body: Any, headers: Mapping[str, str]) -> None:
    """Every status and body becomes a failure with a detail, retried only where that may help."""
    found = failure_of(ServerError(status, body, headers, 0.0), Endpoint("m", "h", "V"))
    assert found.detail.startswith(f"status {status}")
    assert found.kind in set(FailureKind) - {FailureKind.MALFORMED_RESPONSE}
    if found.kind is FailureKind.INVALID_REQUEST:
        assert found.again == "never"
        assert not found.maybe_billed


@given(st.lists(st.text(), max_size=6), st.sampled_from(["end_turn", "max_tokens"]))
def test_pieces_make_the_whole(pieces: list[str], stop: str) -> None:
    """A text that comes in pieces is read like one that comes at once."""
    message = {"role": "assistant", "model": "m", "usage": {"input_tokens": 1, "output_tokens": 2}}
    block = {"type": "text", "text": "".join(pieces)}
    at_once = check_message(message | {"content": [block], "stop_reason": stop})
    stream = MessageStream()
    fed: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": message | {"content": [], "stop_reason": None}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        *(
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": p}})
            for p in pieces
        ),
        ("message_delta", {"delta": {"stop_reason": stop}, "usage": {"output_tokens": 2}}),
        ("message_stop", {}),
    ]
    assert [stream.feed(kind, data) for kind, data in fed] == [None] * len(fed)
    assert stream.finish() == at_once


@given(st.text(st.characters(exclude_categories=[])))
def test_foreign_text_becomes_storable(text: str) -> None:
    """Halves of characters are joined or replaced, marks go, all else stays."""
    clean = whole(text)
    clean.encode("utf-8")
    assert whole(clean) == clean
    assert whole(volatile("k", clean)) == f"k{clean}"
    usual = not any("\ud800" <= c <= "\udfff" or "\ue000" <= c <= "\ue002" for c in text)
    assert (clean == text) or not usual
