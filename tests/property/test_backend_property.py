"""Whatever bytes come back from a program or a person, and whatever is written on a tape."""

import json
import os
import stat
import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from coopbench.agents.backends import command, filebox
from coopbench.agents.backends.filebox_files import read_response
from coopbench.agents.backends.filebox_status import filebox_status
from coopbench.agents.backends.key import key_of, keyed_request, request_key
from coopbench.agents.backends.model import (
    Answer,
    Attempt,
    CallFailed,
    FailureKind,
    Message,
    Provenance,
    Request,
    Usage,
)
from coopbench.agents.backends.render import as_json, as_text
from coopbench.agents.backends.reply import Reply, parse_object, parse_reply
from coopbench.agents.backends.tape_entries import AnswerEntry, ObservationEntry, TakeEntry
from coopbench.agents.backends.tape_file import TapeWriter, read_tape
from coopbench.agents.backends.volatile import plain, volatile

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ue000\ue001\ue002"))
ANY_TEXTS = st.text(st.characters())
NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def requests(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> Request:
    """Draw a conversation that ends with the user's turn."""
    count = 2 * draw(st.integers(0, 2)) + 1
    roles = ("user", "assistant")
    turns = tuple(Message(role=roles[i % 2], text=draw(texts)) for i in range(count))
    return Request(
        scope=draw(NAMES),
        role=draw(NAMES),
        step=draw(TEXTS),
        system=draw(texts),
        messages=turns,
        max_tokens=draw(st.integers(1, 10**6)),
        effort=draw(st.sampled_from([None, "low", "max"])),
    )


ANSWERS = st.builds(
    Answer,
    text=TEXTS,
    stop=st.sampled_from(["end", "length", "refusal", "context"]),
    usage=st.none() | st.builds(Usage, input_tokens=st.integers(0, 10**9), estimated=st.booleans()),
    model=TEXTS,
    provenance=st.builds(Provenance, kind=st.just("api"), detail=TEXTS),
    attempts=st.lists(
        st.builds(Attempt, seconds=FLOATS, failure=st.none() | st.sampled_from(FailureKind))
    ).map(tuple),
    detail=TEXTS,
)
FAILURES = st.builds(
    CallFailed, kind=st.sampled_from(FailureKind), message=TEXTS, maybe_billed=st.booleans()
)


@st.composite
def entries(draw: st.DrawFn) -> AnswerEntry | ObservationEntry | TakeEntry:
    """Draw a line of a tape."""
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return TakeEntry(scope=draw(TEXTS), recorded_at=draw(TEXTS))
    if kind == 1:
        value = draw(st.none() | FLOATS)
        return ObservationEntry(scope=draw(TEXTS), key=draw(TEXTS), n=0, value=value)
    keyed = keyed_request(draw(requests()), draw(TEXTS))
    answer = draw(st.none() | ANSWERS)
    return AnswerEntry(
        key=key_of(keyed),
        n=draw(st.integers(0, 9)),
        step=draw(TEXTS),
        template=draw(NAMES),
        template_sha256=draw(NAMES),
        request=keyed,
        answer=answer,
        failure=draw(FAILURES) if answer is None else None,
        recorded_at="2026-11-23T00:00:00+00:00",
    )


@given(st.lists(entries(), min_size=1, max_size=5))
@settings(max_examples=50)
def test_a_tape_gives_back_what_was_written(lines: list[AnswerEntry]) -> None:
    """Every entry that can exist survives the file bit by bit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t")
        TapeWriter(path).append(*lines)
        assert read_tape(path).entries == tuple(lines)


@given(st.lists(entries(), min_size=1, max_size=3), st.data())
@settings(max_examples=50)
def test_a_tape_cut_off_anywhere_goes_on(lines: list[AnswerEntry], data: st.DataObject) -> None:
    """Whatever of the last line a kill left, the lines before it count, and writing goes on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t")
        TapeWriter(path).append(*lines)
        whole = path.read_bytes()
        last = whole[:-1].rfind(b"\n") + 1
        path.write_bytes(whole[: data.draw(st.integers(last, len(whole) - 2))])
        assert read_tape(path).entries == tuple(lines[:-1])
        TapeWriter(path).append(lines[0])
        assert read_tape(path).entries == (*lines[:-1], lines[0])


@given(requests(), TEXTS, TEXTS, NAMES)
def test_volatile_text_never_changes_a_key(request: Request, one: str, two: str, kind: str) -> None:
    """Two requests that differ in volatile parts only have one key; another kind has another."""

    def having(part: str) -> Request:
        first = request.messages[0]
        text = first.text + part
        turns = (first.model_copy(update={"text": text}), *request.messages[1:])
        return request.model_copy(update={"messages": turns, "system": part + request.system})

    key = request_key(having(volatile(kind, one)), "m")
    assert key == request_key(having(volatile(kind, two)), "m")
    assert key != request_key(having(volatile(kind + "x", one)), "m")
    assert plain(volatile(kind, one)) == one


@given(requests(ANY_TEXTS), ANY_TEXTS)
def test_any_text_can_be_asked(request: Request, model: str) -> None:
    """Half characters and marks in foreign text break neither keys nor prompts nor tapes."""
    keyed = keyed_request(request, model)
    assert key_of(keyed) == request_key(request, model)
    assert type(keyed).model_validate_json(keyed.model_dump_json()) == keyed
    assert json.loads(as_json(request, "k"))["max_tokens"] == request.max_tokens
    assert as_text(request).endswith("\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(["key", "text", "stop", "usage", "model", "detail"]) | ANY_TEXTS, JSON
)
SOUP = st.one_of(
    st.binary(max_size=300),
    JSON.map(lambda v: json.dumps(v).encode()),
    FIELDS.map(lambda v: json.dumps(v).encode()),
    st.binary(max_size=100).map(lambda b: b"key: 0123456789abcdef\n" + b),
)


@given(SOUP)
def test_any_bytes_are_a_reply_or_a_reason(data: bytes) -> None:
    """No output of a program raises: it is a reply that can be stored, or one line why not."""
    fields = parse_object(data)
    found = fields if isinstance(fields, str) else parse_reply(fields)
    if isinstance(found, Reply):
        answer = found.answer(Provenance(kind="command", detail="p"))
        assert Answer.model_validate_json(answer.model_dump_json()) == answer
    else:
        assert found
        CallFailed(kind=FailureKind.MALFORMED_RESPONSE, message=found).model_dump_json()


@given(SOUP, st.sampled_from([".md", ".json"]))
def test_any_file_is_an_answer_or_a_reason(data: bytes, suffix: str) -> None:
    """No file in a file box raises."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a" + suffix)
        path.write_bytes(data)
        found = read_response(path, "0123456789abcdef")
        if isinstance(found, Reply):
            found.model_dump_json()
            assert b"0123456789abcdef" in data.lower()


@given(SOUP, st.sampled_from(["text", "json"]))
@settings(max_examples=25)
def test_a_program_may_print_anything(data: bytes, form: str) -> None:
    """Whatever a program prints, the call ends as an answer or a named failure."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "out")
        file.write_bytes(data)
        table = {"type": "command", "command": ["cat", str(file)], "format": form}
        backend = command.make("p", table)  # type: ignore[arg-type]
        outcome = backend.complete(REQUEST, time.monotonic() + 60)
        outcome.model_dump_json()
        if isinstance(outcome, CallFailed):
            assert outcome.kind is FailureKind.MALFORMED_RESPONSE
        elif form == "text":
            assert outcome.text.encode() == data


@given(SOUP, st.sampled_from([".md", ".json"]))
@settings(max_examples=25)
def test_a_person_may_write_anything(data: bytes, suffix: str) -> None:
    """Whatever lies in the box, the call ends, and the listing can still be made."""
    with tempfile.TemporaryDirectory() as folder:
        table = {"type": "filebox", "folder": folder, "poll_s": 0.01, "wait_s": 0.02}
        filebox.make("p", table).complete(REQUEST, time.monotonic() + 60)  # type: ignore[arg-type]
        (asked,) = Path(folder).glob("*.request.json")
        path = Path(folder, asked.name.replace(".request.json", f".response{suffix}"))
        path.write_bytes(data)
        os.utime(path, (0, 0))
        outcome = filebox.make("p", table).complete(REQUEST, time.monotonic() + 60)  # type: ignore[arg-type]
        outcome.model_dump_json()
        (row,) = filebox_status(Path(folder))
        assert row.state == ("answered" if isinstance(outcome, Answer) else "waiting")
        assert all(stat.S_ISREG(p.stat().st_mode) for p in Path(folder).iterdir())


REQUEST = Request(
    scope="s",
    role="c",
    step="1",
    system="",
    messages=(Message(role="user", text="hi"),),
    max_tokens=300,
)
