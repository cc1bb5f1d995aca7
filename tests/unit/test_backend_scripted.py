"""Answers written beforehand: their order, what they fit, and what a script file may say."""

import json
import threading
from pathlib import Path

import pytest

from coopbench.agents.backends.model import (
    Answer,
    CallFailed,
    FailureKind,
    Message,
    Provenance,
    Request,
)
from coopbench.agents.backends.scripted import ScriptedBackend, check, make
from coopbench.harness.errors import UsageError


def request(text: str = "Hi.", role: str = "c") -> Request:
    return Request(
        scope="s",
        role=role,
        step="rewrite 1",
        system="",
        messages=(Message(role="user", text=text),),
        max_tokens=500,
    )


def texts(backend: ScriptedBackend, *asked: Request) -> list[str]:
    outcomes = [backend.complete(r, 0.0) for r in asked]
    return [o.text if isinstance(o, Answer) else o.kind.value for o in outcomes]


def test_a_sequence_is_used_in_order_and_then_ends() -> None:
    """Answers come in their order, empty ones too; then the backend is unavailable and says so."""
    backend = ScriptedBackend("s", ["one", "", "three"])
    assert texts(backend, *[request()] * 4) == ["one", "", "three", "unavailable"]
    last = backend.complete(request(), 0.0)
    assert isinstance(last, CallFailed)
    assert "3 of 3 are used" in last.message
    assert len(backend.requests) == 5


def test_a_function_may_answer_or_fail() -> None:
    """A function sees the request, and may return a text, an answer or a failure."""
    failure = CallFailed(kind=FailureKind.RATE_LIMITED, message="later")
    ready = Answer(
        text="t",
        stop="refusal",
        usage=None,
        model="m",
        provenance=Provenance(kind="api", detail=""),
    )

    def script(r: Request) -> str | Answer | CallFailed:
        if r.role == "guide":
            return "act"
        return ready if r.role == "c" else failure

    backend = ScriptedBackend("s", script, model="m1")
    first = backend.complete(request(role="guide"), 0.0)
    assert isinstance(first, Answer)
    assert (first.model, first.usage, first.provenance.kind) == ("m1", None, "script")
    assert backend.complete(request(), 0.0) is ready
    assert backend.complete(request(role="ir"), 0.0) is failure


def test_threads_share_a_script() -> None:
    """However many threads ask, every answer is given exactly once."""
    backend = ScriptedBackend("s", [str(i) for i in range(200)])
    found: list[str] = []

    def work() -> None:
        found.extend(texts(backend, *[request()] * 50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(found, key=int) == [str(i) for i in range(200)]


TOML = """
[[answers]]
role = "guide"
text = "finish"

[[answers]]
match = "^again"
text = "second"
stop = "length"

[[answers]]
text = "any"
"""


def test_a_file_answers_what_fits(tmp_path: Path) -> None:
    """The first unused answer whose role and pattern fit is taken; patterns see the last message."""
    path = tmp_path / "script.toml"
    path.write_text(TOML)
    backend = make("s", {"type": "scripted", "file": str(path), "model": "m"})
    again = request("Hello\nagain please")
    got = backend.complete(again, 0.0)
    assert isinstance(got, Answer)
    assert (got.text, got.stop, got.model) == ("second", "length", "m")
    assert got.provenance.detail == "script.toml"
    assert texts(backend, request(), again, request(role="guide")) == [
        "any",
        "unavailable",
        "finish",
    ]


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_says_the_same(tmp_path: Path, *, wrapped: bool) -> None:
    """A JSON file is an object with `answers`, or the list alone."""
    path = tmp_path / "script.json"
    answers = [{"text": "a"}, {"text": "b", "role": "c"}]
    path.write_text(json.dumps({"answers": answers} if wrapped else answers))
    backend = make("s", {"type": "scripted", "file": str(path)})
    assert texts(backend, request(), request()) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("answers = 3", "answers"),
        ("[[answers]]\ntxt = 'a'", "txt"),
        ("[[answers]]\ntext = 'a'\nmatch = '('", "no regular expression"),
        ("[[answers]]\ntext = 'a'\nstop = 'tool_use'", "stop"),
        ("[[answers", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, part: str) -> None:
    """A script that makes no sense is refused with its name and the place."""
    path = tmp_path / "script.toml"
    path.write_text(text)
    table = {"type": "scripted", "file": str(path)}
    problem = check("s", table)
    assert problem is not None
    assert str(path) in problem
    assert part in problem
    with pytest.raises(UsageError, match="script"):
        make("s", table)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A script that does not exist is refused, and so is a table without one."""
    assert "correct the path" in (check("s", {"type": "scripted", "file": "/no/file"}) or "")
    assert "file" in (check("s", {"type": "scripted"}) or "")
