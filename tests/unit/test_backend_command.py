"""A program as the model: what it gets, what it may answer, and that it always ends."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from coopbench.agents.backends.command import check, make
from coopbench.agents.backends.key import request_key
from coopbench.agents.backends.model import Answer, CallFailed, FailureKind, Message, Request
from coopbench.agents.backends.volatile import volatile
from coopbench.harness.errors import UsageError


def request(*texts: str) -> Request:
    roles = ("user", "assistant")
    messages = [Message(role=roles[i % 2], text=t) for i, t in enumerate(texts or ("Hi.",))]
    return Request(
        scope="llm-c/scan/x86-64-v2/0",
        role="c",
        step="rewrite 1",
        system="Be brief.",
        messages=tuple(messages),
        max_tokens=500,
    )


def ask(
    code: str, seconds: float = 30.0, asked: Request | None = None, **options: object
) -> Answer | CallFailed:
    """Ask a Python program."""
    table = {"type": "command", "command": [sys.executable, "-c", code], **options}
    backend = make("prog", table)  # type: ignore[arg-type]
    return backend.complete(asked or request(), time.monotonic() + seconds)


def failed(outcome: Answer | CallFailed, kind: FailureKind) -> CallFailed:
    assert isinstance(outcome, CallFailed), outcome
    assert outcome.kind is kind
    assert "\n" not in outcome.message
    return outcome


def alive(pid: int) -> bool:
    """Whether a process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid_file: Path) -> bool:
    """Wait until the process that wrote its number there has ended."""
    pid = int(pid_file.read_text())
    until = time.monotonic() + 20
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid)


def test_text_in_text_out() -> None:
    """In text mode the prompt goes in as people read it, and the output is the answer as it is."""
    asked = request(f"It took {volatile('seconds', '1.5 s')}.")
    outcome = ask("import sys; sys.stdout.write(sys.stdin.read())", asked=asked)
    assert isinstance(outcome, Answer)
    assert outcome.text == "Be brief.\n\nIt took 1.5 s.\n"
    assert outcome.stop == "end"
    assert outcome.usage is None
    assert outcome.provenance.kind == "command"
    assert outcome.provenance.detail == Path(sys.executable).name
    assert len(outcome.attempts) == 1


def test_turns_are_told_apart() -> None:
    """A conversation becomes one text in which every turn has a heading."""
    outcome = ask("import sys; print(sys.stdin.read())", asked=request("one", "two", "three"))
    assert isinstance(outcome, Answer)
    places = [outcome.text.index(t) for t in ("Be brief.", "one", "your earlier answer", "three")]
    assert places == sorted(places)


def test_json_in_json_out() -> None:
    """In JSON mode every documented field goes in, and text, stop, usage and model come out."""
    code = (
        "import sys, json; r = json.load(sys.stdin)\n"
        "print(json.dumps({'text': json.dumps(r), 'stop': 'length', 'model': 'm1',"
        " 'usage': {'input_tokens': 7, 'output_tokens': 3}}))"
    )
    asked = request("Ünïcode\r\n")
    outcome = ask(code, format="json", model="alias", asked=asked)
    assert isinstance(outcome, Answer)
    got = json.loads(outcome.text)
    assert got == {
        "key": request_key(asked, "alias"),
        "scope": "llm-c/scan/x86-64-v2/0",
        "role": "c",
        "step": "rewrite 1",
        "system": "Be brief.",
        "messages": [{"role": "user", "text": "Ünïcode\r\n"}],
        "max_tokens": 500,
        "effort": None,
    }
    assert (outcome.stop, outcome.model) == ("length", "m1")
    assert outcome.usage is not None
    assert outcome.usage.total == 10


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "text"),
        ('{"text": 5}', "text"),
        ('{"text": "a", "stop": "tool_use"}', "stop"),
        ('{"text": "a", "usge": {}}', "usge"),
        ('{"text": "a", "usage": {"input_tokens": -1}}', "input_tokens"),
        ('{"text": "a", "usage": {"input_tokens": 1e400}}', "input_tokens"),
        ('{"text": "a", "usage": {"input_tokens": 99999999999999}}', "tokens"),
        ('{"text": "\\ud800"}', "surrogate"),
        ('{"text": "a", "model": null}', "model"),
    ],
)
def test_bad_json_is_malformed(printed: str, why: str) -> None:
    """An answer that is not as documented is malformed, and the message says where."""
    outcome = failed(ask(f"print({printed!r})", format="json"), FailureKind.MALFORMED_RESPONSE)
    assert why in outcome.message
    assert outcome.maybe_billed


def test_exit_status_is_unavailable_with_the_end_of_stderr() -> None:
    """A program that fails is unavailable; what it said last is in the message."""
    code = "import sys; print('x' * 9999, file=sys.stderr); sys.exit('no such model: foo')"
    outcome = failed(ask(code), FailureKind.UNAVAILABLE)
    assert "exit status 1" in outcome.message
    assert outcome.message.endswith("no such model: foo")
    assert not outcome.maybe_billed


def test_a_signal_is_unavailable() -> None:
    """A program that a signal ends is unavailable."""
    outcome = ask("import os; os.kill(os.getpid(), 9)")
    assert "signal 9" in failed(outcome, FailureKind.UNAVAILABLE).message


def test_silence_and_foreign_bytes_are_malformed() -> None:
    """No output, or output that is not UTF-8, is malformed."""
    failed(ask("print()"), FailureKind.MALFORMED_RESPONSE)
    binary = "import sys; sys.stdout.buffer.write(b'a\\xff')"
    outcome = failed(ask(binary), FailureKind.MALFORMED_RESPONSE)
    assert "not UTF-8 at byte 1" in outcome.message


def test_a_program_that_does_not_read_is_heard() -> None:
    """A program may close its input early, or never read a request larger than a pipe holds."""
    large = request("x" * 3_000_000)
    code = "import os; os.close(0); print('done')"
    outcome = ask(code, asked=large)
    assert isinstance(outcome, Answer)
    assert outcome.text == "done\n"


def test_a_large_request_arrives_whole() -> None:
    """A request larger than a pipe is written while the program answers."""
    outcome = ask("import sys; print(len(sys.stdin.read()))", asked=request("x" * 3_000_000))
    assert isinstance(outcome, Answer)
    assert int(outcome.text) > 3_000_000


def test_a_flood_is_cut_off() -> None:
    """A program that prints without end is killed at the cap, long before its deadline."""
    outcome = ask("while True: print('x' * 100000)", seconds=300)
    assert "1048576 bytes" in failed(outcome, FailureKind.MALFORMED_RESPONSE).message


def test_a_flood_of_messages_does_no_harm() -> None:
    """Standard error is drained and cut, however much of it there is."""
    code = "import sys\nfor _ in range(300): sys.stderr.write('y' * 65536)\nprint('ok')"
    outcome = ask(code)
    assert isinstance(outcome, Answer)
    assert outcome.text == "ok\n"


def test_the_deadline_kills_the_whole_group(tmp_path: Path) -> None:
    """At the deadline the program and its children are killed, whatever signals they ignore."""
    pid_file = tmp_path / "pid"
    script = f"trap '' TERM INT HUP; sleep 600 & echo $! > {pid_file}; sleep 600"
    backend = make("prog", {"type": "command", "command": ["sh", "-c", script]})
    outcome = failed(backend.complete(request(), time.monotonic() + 2), FailureKind.TIMEOUT)
    assert outcome.maybe_billed
    assert outcome.attempts[0].failure is FailureKind.TIMEOUT
    assert gone(pid_file)


def test_its_own_limit_binds_too() -> None:
    """`timeout_s` ends a call before the caller's deadline."""
    start = time.monotonic()
    failed(ask("import time; time.sleep(600)", seconds=500, timeout_s=0.3), FailureKind.TIMEOUT)
    assert time.monotonic() - start < 400


def test_a_grandchild_that_keeps_stdout_open_is_not_waited_for(tmp_path: Path) -> None:
    """The answer counts when the program exits; what it left behind in its group is killed."""
    pid_file = tmp_path / "pid"
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        "print('answer', flush=True)\n"
        "os._exit(0)"
    )
    outcome = ask(code, seconds=500)
    assert isinstance(outcome, Answer)
    assert outcome.text == "answer\n"
    assert gone(pid_file)


def test_a_runaway_that_leaves_the_group_holds_nobody_up(tmp_path: Path) -> None:
    """Even a process that left the group and prints for ever does not delay the answer."""
    pid_file = tmp_path / "pid"
    inner = (
        f"import os; open({str(pid_file)!r}, 'w').write(str(os.getpid()))\n"
        "while True: os.write(2, b'z' * 4096)"
    )
    code = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {inner!r}], start_new_session=True)\n"
        f"while not os.path.exists({str(pid_file)!r}): time.sleep(0.01)\n"
        "print('answer', flush=True)\n"
        "os._exit(0)"
    )
    try:
        outcome = ask(code, seconds=500)
    finally:
        pid = int(pid_file.read_text() or "0")
        if pid and alive(pid):
            os.kill(pid, signal.SIGKILL)
    assert isinstance(outcome, Answer)
    assert outcome.text == "answer\n"


def test_a_missing_program_is_unavailable_and_was_not_called() -> None:
    """A program that is not there fails by name, and counts as no call."""
    backend = make("prog", {"type": "command", "command": "no-such-program-here --fast"})
    outcome = failed(backend.complete(request(), time.monotonic() + 5), FailureKind.UNAVAILABLE)
    assert "no-such-program-here" in outcome.message
    assert outcome.attempts == ()


def test_only_listed_variables_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program gets usual variables, those it is granted and those it is given, no others."""
    monkeypatch.setenv("COOPBENCH_TEST_PRIVATE", "1")
    monkeypatch.setenv("COOPBENCH_TEST_GRANTED", "2")
    monkeypatch.setenv("LC_TIME", "C")
    code = "import os; print(sorted(k for k in os.environ if k.startswith(('COOPBENCH', 'LC_TI'))))"
    plain = ask(code)
    granted = ask(code, pass_env=["COOPBENCH_TEST_GRANTED"], env={"COOPBENCH_X": "3"})
    assert isinstance(plain, Answer)
    assert isinstance(granted, Answer)
    assert plain.text == "['LC_TIME']\n"
    assert granted.text == "['COOPBENCH_TEST_GRANTED', 'COOPBENCH_X', 'LC_TIME']\n"


def test_it_runs_where_it_is_told(tmp_path: Path) -> None:
    """`folder` is where the program runs, and where a relative program is looked for."""
    script = tmp_path / "model.sh"
    script.write_text("#!/bin/sh\npwd\n")
    script.chmod(0o755)
    table = {"type": "command", "command": "./model.sh", "folder": str(tmp_path)}
    assert check("prog", table) is None
    outcome = make("prog", table).complete(request(), time.monotonic() + 30)
    assert isinstance(outcome, Answer)
    assert outcome.text.strip() == str(tmp_path.resolve())


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ({"command": "no-such-program-here"}, "install it"),
        ({"command": "'unbalanced"}, "No closing quotation"),
        ({"command": []}, "empty"),
        ({"command": "  "}, "empty"),
        ({"command": 5}, "give a string"),
        ({}, "command"),
        ({"comand": "cat"}, "did you mean 'command'"),
        ({"command": "cat", "format": "xml"}, "format"),
        ({"command": "cat", "timeout_s": 0}, "timeout_s"),
        ({"command": "cat", "folder": "/no/such/folder"}, "does not exist"),
        ({"command": "cat", "env": {"A B": "x"}}, "env"),
    ],
)
def test_check_names_what_is_wrong(table: dict[str, object], part: str) -> None:
    """What cannot work is found without running anything, with the backend's name."""
    problem = check("prog", {"type": "command", **table})  # type: ignore[dict-item]
    assert problem is not None
    assert "'prog'" in problem
    assert part in problem


def test_a_wrong_table_makes_no_backend() -> None:
    """`make` refuses what `check` complains about, as the user's mistake."""
    with pytest.raises(UsageError, match="backend 'prog'"):
        make("prog", {"type": "command", "command": []})
    assert check("prog", {"type": "command", "command": "cat"}) is None


def test_a_program_in_the_current_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`./model.sh` is looked for in the folder where it will be started."""
    script = tmp_path / "model.sh"
    script.write_text("#!/bin/sh\ncat\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert check("prog", {"type": "command", "command": "./model.sh"}) is None
    assert check("prog", {"type": "command", "command": "./none.sh"}) is not None
