"""A folder as the model: what is asked, what counts as an answer, and what a kill leaves."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.agents.backends.filebox import FileboxBackend, check, make
from coopbench.agents.backends.filebox_status import filebox_status
from coopbench.agents.backends.model import Answer, CallFailed, FailureKind, Message, Request
from coopbench.agents.backends.volatile import volatile
from coopbench.harness.errors import UsageError


def request(text: str = "Make it faster.", step: str = "rewrite 1", role: str = "c") -> Request:
    return Request(
        scope="llm-c/scan/x86-64-v2/0",
        role=role,
        step=step,
        system="You optimize.",
        messages=(Message(role="user", text=text),),
        max_tokens=500,
    )


def box(folder: Path, **options: object) -> FileboxBackend:
    table = {"type": "filebox", "folder": str(folder), "poll_s": 0.01, **options}
    return make("box", table)  # type: ignore[arg-type]


def ask(backend: FileboxBackend, asked: Request, seconds: float = 30.0) -> Answer | CallFailed:
    return backend.complete(asked, time.monotonic() + seconds)


def settle(path: Path) -> None:
    """Make a file look as if nobody had written to it for a while."""
    old = time.time() - 60
    os.utime(path, (old, old))


def answer_when_asked(folder: Path, respond: Callable[[Path, str], None]) -> threading.Thread:
    """Start somebody who waits for the first request and responds to it."""

    def work() -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for path in folder.glob("*.request.json"):
                respond(
                    folder / path.name.removesuffix(".request.json"),
                    json.loads(path.read_text())["key"],
                )
                return
            time.sleep(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def unanswered(folder: Path, asked: Request) -> tuple[Path, str]:
    """Put a request into a box and return the begin of its files' names and its key."""
    outcome = ask(box(folder), asked, 0.05)
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.TIMEOUT
    newest = max(folder.glob("*.request.json"))
    key = json.loads(newest.read_text())["key"]
    return folder / newest.name.removesuffix(".request.json"), key


def test_a_person_answers(tmp_path: Path) -> None:
    """The request lies there as Markdown and JSON; what follows the key's line is the answer."""
    folder = tmp_path / "box"

    def respond(stem: Path, key: str) -> None:
        path = stem.with_name(stem.name + ".response.md")
        path.write_text(f"key: {key}\n\n```c\nint f;\n```\n")
        settle(path)

    person = answer_when_asked(folder, respond)
    asked = request(f"It took {volatile('seconds', '1.5 s')}.")
    outcome = ask(box(folder), asked)
    person.join()
    assert isinstance(outcome, Answer)
    assert outcome.text == "\n```c\nint f;\n```\n"
    assert (outcome.usage, outcome.stop) == (None, "end")
    assert outcome.provenance.kind == "person"
    assert str(tmp_path) not in outcome.provenance.detail
    (markdown,) = folder.glob("*.request.md")
    text = markdown.read_text()
    key = json.loads(markdown.with_suffix(".json").read_text())["key"]
    assert markdown.name == f"0001-c-{key[:8]}.request.md"
    assert f"key: {key}" in text
    assert f"0001-c-{key[:8]}.response.md" in text
    assert "It took 1.5 s." in text


def test_a_program_answers_in_json(tmp_path: Path) -> None:
    """A JSON answer quotes the key as a field, and may tell stop, usage and model."""
    stem, key = unanswered(tmp_path, request())
    path = stem.with_name(stem.name + ".response.json")
    usage = {"input_tokens": 2, "output_tokens": 5}
    path.write_text(json.dumps({"key": key, "text": "hi", "model": "m", "usage": usage}))
    settle(path)
    outcome = ask(box(tmp_path), request())
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.model) == ("hi", "m")
    assert outcome.usage is not None
    assert outcome.usage.total == 7


def test_a_killed_search_finds_its_answers(tmp_path: Path) -> None:
    """The same request makes the same files: no duplicate, and the answer there is taken."""
    stem, key = unanswered(tmp_path, request())
    before = sorted(p.name for p in tmp_path.iterdir())
    unanswered(tmp_path, request(step="named otherwise"))
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    path = stem.with_name(stem.name + ".response.md")
    path.write_text(f"key: {key}\nanswer")
    settle(path)
    for _ in range(2):
        outcome = ask(box(tmp_path), request())
        assert isinstance(outcome, Answer)
        assert outcome.text == "answer"


def test_a_half_written_request_is_completed(tmp_path: Path) -> None:
    """If the kill came between the two files of a request, the missing one is written again."""
    stem, _ = unanswered(tmp_path, request())
    markdown = stem.with_name(stem.name + ".request.md")
    markdown.unlink()
    unanswered(tmp_path, request())
    assert markdown.exists()
    stem.with_name(stem.name + ".request.json").unlink()
    again, _ = unanswered(tmp_path, request())
    assert again == stem


def test_the_same_question_twice_is_two_requests(tmp_path: Path) -> None:
    """A request repeated within one search is asked anew, and found again after a kill."""
    names = []
    for _ in range(2):
        backend = box(tmp_path)
        for _ in range(3):
            ask(backend, request(), 0.02)
        names.append(sorted(p.name for p in tmp_path.glob("*.request.md")))
    assert names[0] == names[1]
    assert len(names[0]) == 3


def test_numbers_go_on_and_roles_are_names(tmp_path: Path) -> None:
    """Requests are numbered in the order in which they were asked."""
    unanswered(tmp_path, request("one"))
    unanswered(tmp_path, request("two", role="../Guide"))
    parts = [p.name.split("-")[:2] for p in sorted(tmp_path.glob("*.request.md"))]
    assert parts == [["0001", "c"], ["0002", "___guide"]]


@pytest.mark.parametrize(
    ("ending", "content", "why"),
    [
        ("md", b"my answer", "first line is not `key: KEY`"),
        ("md", b"key: 0123456789abcdef\nanswer", "quotes the key 0123456789abcdef"),
        ("md", b"key: KEY\n  \n", "nothing follows"),
        ("md", b"key: KEY\n\xff\xfe", "not UTF-8"),
        ("md", b"key: KEY\n" + b"x" * (1 << 20), "longer than"),
        ("json", b'{"text": "a"}', "quotes no key"),
        ("json", b'{"key": "KEY"}', "text"),
        ("json", b'{"key": "KEY", "text": "a", "stop": "maybe"}', "stop"),
        ("json", b'{"key": ["KEY"], "text": "a"}', "quotes no key"),
        ("json", b"[" * 100_000, "not JSON"),
    ],
)
def test_a_wrong_answer_is_moved_aside(
    tmp_path: Path, ending: str, content: bytes, why: str
) -> None:
    """What is no answer to this request is refused: moved aside, with a note that says why."""
    stem, key = unanswered(tmp_path, request())
    path = stem.with_name(f"{stem.name}.response.{ending}")
    path.write_bytes(content.replace(b"KEY", key.encode()))
    settle(path)
    (row,) = filebox_status(tmp_path)
    assert row.state == "waiting"
    assert "will be refused" in row.refused[0]
    outcome = ask(box(tmp_path), request(), 0.05)
    assert isinstance(outcome, CallFailed)
    assert not path.exists()
    assert stem.with_name(f"{stem.name}.refused-1.{ending}").exists()
    note = stem.with_name(f"{stem.name}.refused-1.why.txt").read_text()
    assert why.replace("KEY", key) in note
    assert filebox_status(tmp_path)[0].refused == (note.strip(),)


def test_a_second_try_after_a_refusal(tmp_path: Path) -> None:
    """After a refusal the request waits on, and a good answer is taken."""
    stem, key = unanswered(tmp_path, request())
    path = stem.with_name(stem.name + ".response.md")
    for text in ("bad", "worse"):
        path.write_text(text)
        settle(path)
        assert isinstance(ask(box(tmp_path), request(), 0.05), CallFailed)
    path.write_text(f"**Key:** `{key.upper()}`\r\nline one\r\nline two\r\n")
    settle(path)
    outcome = ask(box(tmp_path), request())
    assert isinstance(outcome, Answer)
    assert outcome.text == "line one\nline two\n"
    assert len(filebox_status(tmp_path)[0].refused) == 2


def test_an_unfinished_answer_is_left_alone(tmp_path: Path) -> None:
    """A file that is empty, or was changed just now, is not read yet; a settled one is."""
    stem, key = unanswered(tmp_path, request())
    path = stem.with_name(stem.name + ".response.md")
    path.touch()
    settle(path)
    assert isinstance(ask(box(tmp_path), request(), 0.05), CallFailed)
    path.write_text(f"key: {key}\nhalf an ans")
    future = time.time() + 3600
    os.utime(path, (future, future))
    assert isinstance(ask(box(tmp_path), request(), 0.0), CallFailed)
    assert path.exists()
    outcome = ask(box(tmp_path), request())  # its clock is ahead, but it does not change
    assert isinstance(outcome, Answer)


def test_a_pipe_does_not_hang_us(tmp_path: Path) -> None:
    """A response that is a pipe or a folder is refused, not waited for."""
    for place, make_it in enumerate((os.mkfifo, os.mkdir)):
        folder = tmp_path / str(place)
        stem, _ = unanswered(folder, request())
        path = stem.with_name(stem.name + ".response.md")
        make_it(path)
        if not path.stat().st_size:
            continue  # a pipe has no size: it is not even looked at
        settle(path)
        assert isinstance(ask(box(folder), request(), 0.05), CallFailed)
        assert not path.exists()


def test_patience_is_told_and_kept(tmp_path: Path) -> None:
    """The backend says how long people may take, and ends a call by itself then."""
    backend = box(tmp_path, wait_s=0.05)
    assert backend.capabilities.patience_s == 0.05
    outcome = ask(backend, request(), 500)
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.TIMEOUT
    assert len(outcome.attempts) == 1
    assert "wait_s" in outcome.message


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A box that cannot be written is unavailable, and `check` says so before."""
    file = tmp_path / "file"
    file.write_text("")
    table = {"type": "filebox", "folder": str(file / "box")}
    assert "cannot be written" in (check("box", table) or "")
    outcome = ask(box(file / "box"), request(), 5)
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.UNAVAILABLE
    assert check("box", {"type": "filebox"}) is None
    assert "unknown key 'dir'" in (check("box", {"type": "filebox", "dir": "x"}) or "")


def test_status_lists_everything(tmp_path: Path) -> None:
    """The listing tells what waits, what is answered and what cannot be read, in order."""
    unanswered(tmp_path, request("one"))
    stem, key = unanswered(tmp_path, request("two", step="rewrite 2"))
    path = stem.with_name(stem.name + ".response.md")
    path.write_text(f"key: {key}\nanswer")
    (tmp_path / "0003-c-00000000.request.json").write_text("{")
    (tmp_path / "notes.request.json").write_text("mine")
    rows = filebox_status(tmp_path)
    assert [r.state for r in rows] == ["waiting", "answered", "damaged"]
    assert [r.step for r in rows] == ["rewrite 1", "rewrite 2", ""]
    assert rows[1].key == key
    assert rows[0].file.endswith(".request.md")
    assert all(r.age_s >= 0 for r in rows)
    with pytest.raises(UsageError, match="no file box"):
        filebox_status(tmp_path / "none")


def test_searches_share_a_folder(tmp_path: Path) -> None:
    """Several threads ask through one folder at once: every request gets a number of its own."""
    backends = [box(tmp_path) for _ in range(4)]

    def work(index: int) -> None:
        for i in range(5):
            ask(backends[index], request(f"{index} {i}"), 0.01)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    numbers = [p.name[:4] for p in sorted(tmp_path.glob("*.request.json"))]
    assert numbers == [f"{i:04}" for i in range(1, 21)]
