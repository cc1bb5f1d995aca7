"""`coopbench list backends`, `coopbench filebox status` and `coopbench tape check|show`."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coopbench.agents.backends.filebox import make
from coopbench.agents.backends.model import Message, Request
from coopbench.agents.backends.open import open_backends
from coopbench.harness.cli.main import app
from coopbench.harness.errors import UsageError
from coopbench.harness.settings import Settings, TapeSettings

SCOPE = "llm-c/scan/x86-64-v2/0"


def request(text: str = "Make it faster.", step: str = "rewrite 1") -> Request:
    return Request(
        scope=SCOPE,
        role="c",
        step=step,
        system="You optimize.",
        messages=(Message(role="user", text=text),),
        max_tokens=500,
    )


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return str(result.output)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a folder of its own, on a wide terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def tape(here: Path) -> Path:
    """Return a tape with two answers."""
    settings = Settings(
        backend="command:cat", tape=TapeSettings(path="my.tape", mode="record-missing")
    )
    with open_backends(settings, ["c"]) as opened:
        for n in range(2):
            asked = request(f"Make it faster. Try {n}", f"rewrite {n}")
            opened.by_role[""].complete(asked, time.monotonic() + 30)
            opened.by_role[""].observe(SCOPE, "cost", n / 4)
    return here / "my.tape"


def test_backends_are_listed_with_what_they_lack(here: Path) -> None:
    """Configured backends and types are listed; what is not usable says why, brackets and all."""
    (here / "coopbench.toml").write_text(
        "[models]\nbackend = 'mine'\n[backends.mine]\ntype = 'command'\ncommand = 'cat'\n"
        "[backends.lost]\ntype = 'command'\ncommand = 'no-such-[program]'\n"
    )
    text = run("list", "backends")
    mine = next(line.split() for line in text.splitlines() if line.startswith("mine"))
    assert mine == ["mine", "command", "all", "yes"]
    assert "backend 'lost': no program 'no-such-[program]'; install it" in text
    assert "anthropic:MODEL" in text
    rows = {row["name"]: row for row in json.loads(run("list", "backends", "--json"))}
    assert rows["lost"]["usable"] is False
    assert rows["filebox"]["usable"] is True


def test_a_wrong_configuration_stops_the_listing(here: Path) -> None:
    """A mistake in the file is the user's error, also here."""
    (here / "coopbench.toml").write_text("[modells]\n")
    with pytest.raises(UsageError, match="unknown key 'modells'"):
        run("list", "backends")


def test_an_unused_box_is_no_error() -> None:
    """Before anything was asked the status says so; a folder that was named must exist."""
    assert "no file box has been used" in run("filebox", "status")
    assert json.loads(run("filebox", "status", "--json")) == []
    with pytest.raises(UsageError, match="no file box nowhere"):
        run("filebox", "status", "nowhere")


def test_the_box_status_tells_what_to_do(here: Path) -> None:
    """Waiting, answered and refused requests are told, and what to read next."""
    (here / "coopbench.toml").write_text("[backends.b]\ntype = 'filebox'\nfolder = 'mine'\n")
    backend = make("b", {"type": "filebox", "folder": "mine", "poll_s": 0.01})
    for n in range(2):
        backend.complete(request(f"{n}", f"rewrite {n}"), time.monotonic() + 0.02)
    rows = json.loads(run("filebox", "status", "--json"))
    assert [row["step"] for row in rows] == ["rewrite 0", "rewrite 1"]
    first, second = (Path("mine", row["request"]) for row in rows)
    first.with_suffix(".response.md").write_text(f"key: {rows[0]['key']}\ndone")
    second.with_suffix(".response.md").write_text("no key")
    text = run("filebox", "status")
    assert "answered" in text
    assert "1 of 2 wait for an answer" in text
    assert f"next: read mine/{second.name}.request.md" in text
    assert f"{second.name}.response.md will be refused: its first line is not `key:" in text
    assert rows[1]["key"] in text


def test_a_good_tape_is_good(tape: Path) -> None:
    """A whole tape is counted by trial, role and source, and called good."""
    text = run("tape", "check", str(tape))
    row = next(line for line in text.splitlines() if line.startswith(SCOPE))
    assert row.split() == [SCOPE, "c", "2", "None", "command:", "cat"]
    assert "2 answers, 2 measured values; begun 20" in text
    assert "the tape is good" in text
    found = json.loads(run("tape", "check", str(tape), "--json"))
    assert (found["answers"], found["observations"], found["findings"]) == (2, 2, [])


def test_a_tape_that_does_not_fit_is_told_by_exit_code(tape: Path) -> None:
    """Findings are listed, and the command ends with 1, so that a script can tell."""
    tape.write_text(tape.read_text().replace('"template":""', '"template":"no such"'))
    text = run("tape", "check", str(tape), code=1)
    assert "wrong: prompt template 'no such' no longer exists since 2 of the answers" in text
    assert json.loads(run("tape", "check", str(tape), "--json", code=1))["findings"]


def test_show_gives_an_overview_or_everything(tape: Path) -> None:
    """By default a line for each answer; `--full` has requests and answers whole."""
    text = run("tape", "show", str(tape))
    assert text.count(SCOPE) == 2
    assert "rewrite 1" in text
    full = run("tape", "show", str(tape), "--full", "--role", "c", "--scope", "scan")
    assert full.count("==== ") == 2
    assert (
        "--- system\nYou optimize.\n--- user\nMake it faster. Try 1\n--- end from command" in full
    )
    assert json.loads(run("tape", "show", str(tape), "--role", "ir", "--json")) == []


def test_mistakes_end_with_two(here: Path) -> None:
    """A damaged tape or a missing one ends with exit code 2 and one line."""
    (here / "bad.tape").write_text("{}\n")
    for words in (["tape", "check", "bad.tape"], ["tape", "show", "none.tape"]):
        done = subprocess.run(
            [sys.executable, "-m", "coopbench.harness.cli.main", *words],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("coopbench: ")
        assert len(done.stderr.splitlines()) == 1


def test_help_of_these_commands_imports_nothing_heavy() -> None:
    """The help of these commands loads no backend and no numerics: that keeps it quick."""
    code = (
        "import sys; from coopbench.harness.cli.main import main\n"
        "for words in (['tape', '--help'], ['filebox', 'status', '--help']):\n"
        "    sys.argv = ['coopbench', *words]\n"
        "    try:\n        main()\n    except SystemExit as e:\n        assert not e.code\n"
        "heavy = {'numpy', 'jinja2', 'coopbench.agents'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
