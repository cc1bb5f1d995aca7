"""Tapes: what is recorded is replayed, and what is not is an error that explains itself."""

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from coopbench.agents.backends.key import request_key
from coopbench.agents.backends.model import (
    Answer,
    Attempt,
    CallFailed,
    Capabilities,
    FailureKind,
    Message,
    Provenance,
    Request,
    Usage,
)
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.tape import Tape, TapeBackend
from coopbench.agents.backends.tape_file import read_tape
from coopbench.agents.backends.tape_miss import TapeMissError
from coopbench.agents.backends.tape_report import check_tape, show_tape
from coopbench.agents.backends.volatile import volatile
from coopbench.harness.errors import CoopBenchError, UsageError
from coopbench.harness.settings import TapeMode, TapeSettings

SCOPE = "llm-c/scan/x86-64-v2/0"
Fields = dict[str, object]


def request(text: str = "Make it faster.", **fields: object) -> Request:
    made = Request(
        scope=SCOPE,
        role="c",
        step="rewrite 1",
        template="",
        system="You optimize.\nBe brief.",
        messages=(Message(role="user", text=text),),
        max_tokens=500,
    )
    return made.model_copy(update=fields)


def tape(path: Path, mode: TapeMode) -> Tape:
    return Tape(TapeSettings(path=str(path), mode=mode))


def recorder(
    path: Path, answers: list[str | Answer | CallFailed], mode: TapeMode = "record", model: str = ""
) -> TapeBackend:
    return TapeBackend("inner", tape(path, mode), ScriptedBackend("inner", answers, model))


def replayer(path: Path, role: str = "") -> TapeBackend:
    return TapeBackend("tape", tape(path, "replay"), None, role)


def ask(backend: TapeBackend, *asked: Request) -> list[str]:
    outcomes = [backend.complete(r, 0.0) for r in asked]
    return [o.text if isinstance(o, Answer) else o.kind.value for o in outcomes]


def test_replay_repeats_the_recording(tmp_path: Path) -> None:
    """What was recorded comes back whole, with its usage and attempts, and says it is replayed."""
    path = tmp_path / "new" / "a.tape.jsonl"
    recorded = Answer(
        text="näh\r\n\x00",
        stop="length",
        usage=Usage(input_tokens=3, output_tokens=4),
        model="m-1",
        provenance=Provenance(kind="api", detail="m at host"),
        attempts=(Attempt(seconds=0.5, failure=FailureKind.TIMEOUT), Attempt(seconds=1.0)),
        detail="d",
    )
    assert recorder(path, [recorded], model="m").complete(request(), 0.0) is recorded
    backend = replayer(path)
    replayed = backend.complete(request(step="other name", template="other"), 0.0)
    assert isinstance(replayed, Answer)
    day = read_tape(path).entries[0].recorded_at[:10]  # type: ignore[union-attr]
    assert replayed.provenance.recorded_at == day
    assert f"replayed from a tape of {day}" in replayed.provenance.text
    where = replayed.provenance.model_copy(update={"recorded_at": None})
    assert replayed.model_copy(update={"provenance": where}) == recorded
    assert backend.model == "m"
    assert backend.capabilities == Capabilities(offline=True, deterministic=True)


def test_the_nth_request_takes_the_nth_recording(tmp_path: Path) -> None:
    """Identical requests of a trial take their recordings in order; one more is a miss."""
    path = tmp_path / "t"
    ask(recorder(path, ["a", "b", "c"]), request(), request("other"), request())
    backend = replayer(path)
    assert ask(backend, request(), request(), request("other")) == ["a", "c", "b"]
    with pytest.raises(TapeMissError, match="recorded 2 times and is asked once more"):
        backend.complete(request(), 0.0)


def test_trials_do_not_share_recordings(tmp_path: Path) -> None:
    """The same question in another trial has recordings of its own."""
    path = tmp_path / "t"
    other = "llm-c/scan/x86-64-v2/1"
    ask(recorder(path, ["a", "b"]), request(), request(scope=other))
    assert ask(replayer(path), request(scope=other), request()) == ["b", "a"]


def test_volatile_parts_do_not_matter(tmp_path: Path) -> None:
    """Another measured value finds the same recording, and neither value is on the tape."""
    path = tmp_path / "t"
    ask(recorder(path, ["a"]), request(f"It took {volatile('seconds', '1.234 s')}."))
    assert ask(replayer(path), request(f"It took {volatile('seconds', '9.9 s')}.")) == ["a"]
    assert b"1.234" not in path.read_bytes()
    with pytest.raises(TapeMissError):
        replayer(path).complete(request(f"It took {volatile('bytes', '9')}."), 0.0)


def test_failures_are_part_of_the_path(tmp_path: Path) -> None:
    """A failed call is replayed as it was; recording what is missing asks it again."""
    path = tmp_path / "t"
    failure = CallFailed(kind=FailureKind.RATE_LIMITED, message="later", maybe_billed=True)
    ask(recorder(path, [failure, "b"]), request(), request())
    backend = replayer(path)
    assert backend.complete(request(), 0.0) == failure
    assert ask(backend, request()) == ["b"]
    mended = recorder(path, ["a"], "record-missing")
    assert ask(mended, request(), request()) == ["a", "b"]
    assert ask(replayer(path), request(), request()) == ["a", "b"]
    assert check_tape(path).findings == ()


def test_record_missing_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    """What the tape holds is not asked again; what it lacks is asked and kept."""
    path = tmp_path / "t"
    ask(recorder(path, ["a"], "record-missing"), request())
    inner = ScriptedBackend("inner", ["b"])
    backend = TapeBackend("x", tape(path, "record-missing"), inner)
    assert ask(backend, request(), request("new")) == ["a", "b"]
    assert len(inner.requests) == 1
    assert ask(replayer(path), request("new"), request()) == ["b", "a"]


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    """Recordings of one model do not stand in for another's; replay takes those made last."""
    path = tmp_path / "t"
    ask(recorder(path, ["a"], model="small"), request())
    assert ask(recorder(path, ["b"], "record-missing", "large"), request()) == ["b"]
    assert ask(replayer(path), request()) == ["b"]
    assert replayer(path).model == "large"


def test_recording_a_trial_anew_replaces_it(tmp_path: Path) -> None:
    """A trial that was interrupted while it was recorded can be recorded again, alone."""
    path = tmp_path / "t"
    other = "llm-c/scan/x86-64-v2/1"
    ask(recorder(path, ["old", "kept", "extra"]), request(), request(scope=other), request("x"))
    again = recorder(path, ["new"])
    again.observe(SCOPE, "cost", 2.0)
    assert ask(again, request()) == ["new"]
    backend = replayer(path)
    assert ask(backend, request(), request(scope=other)) == ["new", "kept"]
    assert backend.observe(SCOPE, "cost", 9.0) == 2.0
    with pytest.raises(TapeMissError):
        backend.complete(request("x"), 0.0)
    assert check_tape(path).voided == 2


@pytest.mark.parametrize("value", [None, 0.1, 1e300, 5e-324, -0.0])
def test_observations_are_replayed_exactly(tmp_path: Path, value: float | None) -> None:
    """A value that steered the search comes back bit by bit, whatever is measured now."""
    path = tmp_path / "t"
    backend = recorder(path, [])
    assert backend.observe(SCOPE, "cost n1", value) == value
    assert backend.observe(SCOPE, "cost n1", 7.0) == 7.0
    again = replayer(path)
    first = again.observe(SCOPE, "cost n1", 123.0)
    assert repr(first) == repr(value)
    assert again.observe(SCOPE, "cost n1", None) == 7.0
    assert again.observe(SCOPE, "cost n1", 5.0) == 5.0  # none is recorded any more


def test_an_impossible_value_is_none(tmp_path: Path) -> None:
    """A cost that is no number counts as not measured, recorded or not."""
    backend = recorder(tmp_path / "t", [])
    assert backend.observe(SCOPE, "cost", float("nan")) is None
    assert replayer(tmp_path / "t").observe(SCOPE, "cost", 1.0) is None


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Return a tape with two steps of one trial."""
    path = tmp_path / "t"
    first = request(template="c", template_sha256="1" * 64)
    second = request("Line one.\nLine two.\nLine three.", step="rewrite 2")
    ask(recorder(path, ["a", "b"]), first, second)
    return path


def miss(path: Path, asked: Request, before: tuple[Request, ...] = ()) -> str:
    backend = replayer(path)
    ask(backend, *before)
    with pytest.raises(TapeMissError) as caught:
        backend.complete(asked, 0.0)
    return str(caught.value)


def test_a_miss_shows_what_changed(recorded: Path) -> None:
    """The message names role, step and key, and the difference to the nearest recording."""
    asked = request("Line one.\nLine 2.\nLine three.", step="rewrite 2")
    text = miss(recorded, asked, (request(),))
    assert "role 'c', step 'rewrite 2'" in text
    assert request_key(asked, "")[:16] in text
    assert "the template is the same" in text
    assert "-Line two." in text
    assert "+Line 2." in text
    remedy = text.splitlines()[-1]
    assert remedy.startswith("to record what is missing, give the same command with")
    assert f"--tape {recorded} --tape-mode record-missing --backend NAME" in remedy
    assert "-e llm-c -b scan -t x86-64-v2" in remedy


def test_a_miss_tells_of_a_hand(recorded: Path) -> None:
    """A recording whose request was edited to what is asked now is named as such."""
    recorded.write_text(recorded.read_text().replace("Line two.", "Line 2."))
    text = miss(recorded, request("Line one.\nLine 2.\nLine three.", step="rewrite 2"))
    assert "the recording was changed by hand" in text
    assert "tape check" in text


def test_a_miss_tells_a_changed_template(recorded: Path) -> None:
    """A changed or another prompt template is named as the cause."""
    changed = request("Make it fast.", template="c", template_sha256="2" * 64)
    assert "template 'c' has changed since the recording" in miss(recorded, changed)
    other = request("Make it fast.", template="d")
    assert "template 'd', recorded with 'c'" in miss(recorded, other)


def test_a_miss_tells_changed_settings(recorded: Path) -> None:
    """Other limits or effort make another request, and the difference says so."""
    text = miss(recorded, request(max_tokens=600, effort="high"))
    assert "-max_tokens: 500" in text
    assert "+max_tokens: 600" in text
    assert "+effort: high" in text


def test_a_miss_without_anything_near(recorded: Path) -> None:
    """For an unknown role the trials of the tape are listed; another trial's role is compared."""
    assert f"recorded: {SCOPE}" in miss(recorded, request(role="guide"))
    text = miss(recorded, request("Make it fast.", scope="llm-c/scan/aarch64/0"))
    assert f"compared with {SCOPE}" in text


def test_a_miss_is_never_endless(recorded: Path) -> None:
    """However different the request, at most sixty lines of difference are shown, cut in width."""
    long = "\n".join(f"{i} " + "x" * 1000 for i in range(1000))
    text = miss(recorded, request(long))
    assert len(text.splitlines()) < 75
    assert max(map(len, text.splitlines())) <= 200 + len(str(recorded)) + 100
    assert "more lines of difference" in text


def test_a_miss_tells_of_values_that_were_not_recorded(recorded: Path) -> None:
    """If the search had left the recorded path before, the message says where."""
    backend = replayer(recorded)
    backend.observe(SCOPE, "cost of n7", 3.0)
    with pytest.raises(TapeMissError, match=r"1 measured values .*cost of n7"):
        backend.complete(request("?"), 0.0)


def test_a_miss_is_an_error_of_its_own(recorded: Path) -> None:
    """A miss is neither the user's mistake (2) nor a plain failure: it ends with exit code 3."""
    with pytest.raises(CoopBenchError) as caught:
        replayer(recorded).complete(request("?"), 0.0)
    assert not isinstance(caught.value, UsageError)
    assert str(type(caught.value)("other text")) == "other text"


def test_other_tools_are_noted(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A miss with other tool versions than the recording's says so."""
    text = recorded.read_text()
    header = json.loads(text.splitlines()[0])
    recorded.write_text(text.replace(header["toolchain"], "ziglang 0.1"))
    assert "recorded with ziglang 0.1" in miss(recorded, request("?"))
    assert "recorded with ziglang 0.1" in check_tape(recorded).notes[0]


def test_nothing_to_replay(tmp_path: Path) -> None:
    """A tape that does not exist cannot be replayed, and nothing is made."""
    with pytest.raises(UsageError, match=r"no tape .* to replay"):
        tape(tmp_path / "none", "replay")
    assert list(tmp_path.iterdir()) == []


def test_unused_recordings_are_known(recorded: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a replayed search did not ask for is told, for the trials it began."""
    replayed = tape(recorded, "replay")
    ask(TapeBackend("t", replayed, None), request())
    (left,) = replayed.unused(SCOPE)
    assert left.step == "rewrite 2"
    with caplog.at_level(logging.INFO):
        replayed.close()
    assert f"1 answers of {SCOPE} were not used" in caplog.text


def test_threads_share_a_tape(tmp_path: Path) -> None:
    """Several trials record through one tape, or through several on one file, at once."""
    path = tmp_path / "t"
    shared = recorder(path, lambda r: r.messages[0].text)  # type: ignore[arg-type]
    own = recorder(path, lambda r: r.messages[0].text)  # type: ignore[arg-type]

    def work(backend: TapeBackend, trial: int) -> None:
        for i in range(20):
            asked = request(f"q{i % 5}", scope=f"e/b/t/{trial}")
            assert ask(backend, asked) == [f"q{i % 5}"]

    threads = [threading.Thread(target=work, args=(own if i % 2 else shared, i)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    found = check_tape(path)
    assert (found.answers, found.findings) == (120, ())
    backend = replayer(path)
    for trial in range(6):
        asked = [request(f"q{i % 5}", scope=f"e/b/t/{trial}") for i in range(20)]
        assert ask(backend, *asked) == [f"q{i % 5}" for i in range(20)]


KEYS = """
import sys
from coopbench.agents.backends.key import request_key
from coopbench.agents.backends.model import Message, Request
from coopbench.agents.backends.volatile import volatile
time = volatile("seconds", sys.argv[1])
text = f"Gemessen: {time}, Stra\\u00dfe, e\\u0301, \\u212b, {0.1 + 0.2}"
turns = (Message(role="user", text=text), Message(role="assistant", text="i"),
         Message(role="user", text=text))
print(request_key(Request(scope="e/b/t/0", role="c", step=sys.argv[1], system=text,
                          messages=turns, max_tokens=300), "m"))
"""


def test_keys_are_the_same_everywhere(tmp_path: Path) -> None:
    """Folder, locale, time zone, hash seed and measured values leave a request's key alone."""
    keys = set()
    for index, places in enumerate(
        (
            {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
            {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2"},
            {"LC_ALL": "tr_TR.UTF-8", "TZ": "America/New_York", "PYTHONUTF8": "0"},
        )
    ):
        folder = tmp_path / f"dir {index}"
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", KEYS, f"{index}.5 s"],
            env={**os.environ, **places, "TMPDIR": str(folder)},
            cwd=folder,
            capture_output=True,
            check=True,
            text=True,
        )
        keys.add(done.stdout)
    assert len(keys) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "x"},
        {"role": "ir"},
        {"system": "You optimise."},
        {"max_tokens": 501},
        {"effort": "low"},
        {"messages": (Message(role="user", text="Make it fast."),)},
    ],
)
def test_what_matters_changes_the_key(change: Fields) -> None:
    """Whatever could change an answer changes the key; the model's name does too."""
    assert request_key(request().model_copy(update=change), "m") != request_key(request(), "m")
    assert request_key(request(), "m") != request_key(request(), "n")


def test_what_does_not_matter_leaves_the_key() -> None:
    """Names for people and composed or decomposed letters do not change the key."""
    same = request("caf\u00e9", step="s", template="t", template_sha256="h")
    assert request_key(same, "m") == request_key(request("cafe\u0301"), "m")


def test_replay_imports_no_sdk(recorded: Path) -> None:
    """Opening and replaying a tape imports neither a provider's SDK nor its adapter."""
    code = (
        "import sys\n"
        "from coopbench.agents.backends.open import open_backends\n"
        "from coopbench.harness.settings import Settings, TapeSettings\n"
        "tape = TapeSettings(path=sys.argv[1])\n"
        "settings = Settings(backend='anthropic:claude-x', tape=tape)\n"
        "with open_backends(settings, ['c']) as opened:\n"
        "    assert opened.by_role['c'].name == 'tape'\n"
        "bad = [m for m in sys.modules if m.partition('.')[0] in ('anthropic', 'httpx2')]\n"
        "assert not bad, bad\n"
        "assert 'coopbench.agents.backends.anthropic_api' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(recorded)], check=True)


def test_check_finds_what_is_wrong(recorded: Path) -> None:
    """A changed template, a recording twice and one changed by hand are found."""
    lines = recorded.read_text().splitlines()
    assert any("'c' " in f for f in check_tape(recorded).findings)
    recorded.write_text(
        "\n".join([*lines, lines[1], lines[2].replace("Line two", "Line 2")]) + "\n"
    )
    findings = "\n".join(check_tape(recorded).findings)
    assert "recorded more than once" in findings
    recorded.write_text("\n".join([lines[0], lines[2].replace("Line two", "Line 2")]) + "\n")
    assert "changed by hand" in "\n".join(check_tape(recorded).findings)


def test_check_counts(recorded: Path) -> None:
    """Answers are counted by trial, role and source."""
    found = check_tape(recorded)
    (count,) = found.counts
    assert (count.scope, count.role, count.answers, count.tokens) == (SCOPE, "c", 2, None)
    assert count.source == "script: inner"


def test_show_filters(recorded: Path) -> None:
    """Recordings are shown with their texts, of one role or trial if asked."""
    rows = show_tape(recorded)
    assert [r.answer for r in rows] == ["a", "b"]
    assert "Line two." in rows[1].request
    assert show_tape(recorded, role="ir") == []
    assert show_tape(recorded, scope="aarch64") == []
    assert len(show_tape(recorded, role="c", scope="scan")) == 2
