"""Finding backends by name: tables, short forms, third parties, and what is missing."""

import sys
import time
from pathlib import Path

import pytest

from coopbench.agents.backends.command import CommandBackend
from coopbench.agents.backends.filebox import FileboxBackend
from coopbench.agents.backends.listing import backends
from coopbench.agents.backends.model import Answer, Message, Request
from coopbench.agents.backends.open import open_backends, table_of, unavailable
from coopbench.agents.backends.tape import TapeBackend
from coopbench.agents.backends.tape_miss import TapeMissError
from coopbench.harness.errors import UsageError
from coopbench.harness.settings import Settings, TapeMode, TapeSettings

CAT = {"type": "command", "command": "cat"}


def request(text: str = "Hi.", role: str = "c") -> Request:
    return Request(
        scope="e/b/t/0",
        role=role,
        step="rewrite 1",
        system="",
        messages=(Message(role="user", text=text),),
        max_tokens=500,
    )


def taped(path: Path, mode: TapeMode, **fields: object) -> Settings:
    return Settings.model_validate({"tape": TapeSettings(path=str(path), mode=mode), **fields})


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("filebox", {"type": "filebox"}),
        ("filebox:my box", {"type": "filebox", "folder": "my box"}),
        ("command:llm -m x:y", {"type": "command", "command": "llm -m x:y"}),
        ("scripted:a.toml", {"type": "scripted", "file": "a.toml"}),
        ("anthropic:claude-haiku-5-5", {"type": "anthropic", "model": "claude-haiku-5-5"}),
        ("mine", CAT),
        ("filebox:own", {"type": "command", "command": "true"}),
    ],
)
def test_a_name_is_a_table_or_a_short_form(name: str, table: dict[str, object]) -> None:
    """A configured table comes first; else `TYPE` or `TYPE:REST` stands for one."""
    own = {"type": "command", "command": "true"}
    settings = Settings(backends={"mine": dict(CAT), "filebox:own": own})
    assert table_of(settings, name) == table


def test_unknown_names_come_with_the_nearest() -> None:
    """A misspelt backend, or a table of a misspelt type, names the nearest one."""
    settings = Settings(backends={"haiku": {"type": "anthropik"}, "bare": {"model": "x"}})
    for name, part in (
        ("haikou", "did you mean 'haiku'"),
        ("comand:cat", "did you mean 'command'"),
        ("haiku", "did you mean 'anthropic'"),
        ("bare", "needs a `type`"),
    ):
        chosen = settings.model_copy(update={"backend": name})
        assert part in (unavailable(chosen, ["c"]) or "")
        with pytest.raises(UsageError, match="backend"):
            open_backends(chosen, ["c"])


def test_none_chosen_says_what_could_be() -> None:
    """Without a model the message names what is configured and usable, and every type."""
    settings = Settings(
        backends={"good": dict(CAT), "bad": {"type": "command", "command": "no-such-program"}}
    )
    text = unavailable(settings, ["c"]) or ""
    assert "configured and usable: good;" in text
    assert "anthropic:MODEL, command:COMMAND, filebox:FOLDER, scripted:FILE" in text
    assert "--backend" in text


def test_a_role_without_a_model_is_missing_one() -> None:
    """Backends for some roles are not enough for the others."""
    settings = Settings(backends={"cat": dict(CAT)}, roles={"c": "cat"})
    assert unavailable(settings, ["c"]) is None
    assert "no model" in (unavailable(settings, ["c", "guide"]) or "")


def test_missing_things_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing program or key is found without asking anybody or importing an SDK."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert "no program" in (unavailable(Settings(backend="command:no-such-program"), ["c"]) or "")
    before = set(sys.modules)
    text = unavailable(Settings(backend="anthropic:claude-haiku-5-5"), ["c"]) or ""
    assert "ANTHROPIC_API_KEY" in text or "pip install" in text
    assert "anthropic" not in set(sys.modules) - before


def test_roles_get_their_backends(tmp_path: Path) -> None:
    """Each role has its backend, others the default; one name is opened once."""
    settings = Settings(
        backend="cat",
        roles={"guide": "box", "tests": "cat", "asm": "unused-and-wrong"},
        backends={"cat": dict(CAT), "box": {"type": "filebox", "folder": str(tmp_path)}},
    )
    with open_backends(settings, ["c", "guide", "tests"]) as opened:
        assert set(opened.by_role) == {"", "guide", "tests"}
        assert isinstance(opened.by_role["guide"], FileboxBackend)
        assert isinstance(opened.by_role[""], CommandBackend)
        assert opened.by_role["tests"] is opened.by_role[""]
        outcome = opened.by_role[""].complete(request(), time.monotonic() + 30)
        assert isinstance(outcome, Answer)
        assert outcome.text == "Hi.\n"
        assert opened.unused("e/b/t/0") == ()


def test_record_then_replay_without_the_model(tmp_path: Path) -> None:
    """What was recorded with a program is replayed without it, for every role."""
    path = tmp_path / "t"
    recording = taped(path, "record", backend="command:cat", roles={"guide": "command:echo yes"})
    with open_backends(recording, ["c", "guide"]) as opened:
        for role in ("", "guide"):
            opened.by_role[role].complete(request(role=role or "c"), time.monotonic() + 30)
    for settings in (taped(path, "replay"), taped(path, "replay", backend="command:no-such-one")):
        assert unavailable(settings, ["c", "guide"]) is None
        with open_backends(settings, ["c", "guide"]) as opened:
            assert isinstance(opened.by_role["guide"], TapeBackend)
            texts = []
            for role in ("guide", "c"):
                outcome = opened.by_role[role].complete(request(role=role), 0.0)
                assert isinstance(outcome, Answer)
                assert outcome.provenance.kind == "command"
                assert outcome.provenance.recorded_at is not None
                texts.append(outcome.text)
            assert texts == ["yes\n", "Hi.\n"]
            assert opened.unused("e/b/t/0") == ()
            with pytest.raises(TapeMissError):
                opened.by_role["c"].complete(request("other"), 0.0)


def test_unused_recordings_are_told(tmp_path: Path) -> None:
    """After a replay that ended early, the steps nobody asked for can be shown."""
    path = tmp_path / "t"
    with open_backends(taped(path, "record", backend="command:cat"), ["c"]) as opened:
        opened.by_role[""].complete(request(), time.monotonic() + 30)
    with open_backends(taped(path, "replay"), ["c"]) as opened:
        assert opened.unused("e/b/t/0") == ("c: rewrite 1",)


def test_live_leaves_the_tape_alone(tmp_path: Path) -> None:
    """In mode `live` the tape is neither read nor written."""
    path = tmp_path / "t"
    path.write_text("not a tape")
    with open_backends(taped(path, "live", backend="command:cat"), ["c"]) as opened:
        opened.by_role[""].complete(request(), time.monotonic() + 30)
        assert opened.tape is None
    assert path.read_text() == "not a tape"


def test_a_tape_that_cannot_be_used_is_told_before(tmp_path: Path) -> None:
    """A tape to replay must be there, and any tape must be one; recording needs a model."""
    path = tmp_path / "t"
    assert "no tape" in (unavailable(taped(path, "replay"), ["c"]) or "")
    assert "no model" in (unavailable(taped(path, "record"), ["c"]) or "")
    path.write_text("notes\n")
    for mode in ("replay", "record", "record-missing"):
        assert "is no tape" in (unavailable(taped(path, mode, backend="command:cat"), ["c"]) or "")
    assert path.read_text() == "notes\n"


def test_what_opened_first_is_closed_if_the_second_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one backend cannot be made, those made before are closed again."""
    closed: list[str] = []
    monkeypatch.setattr(CommandBackend, "close", lambda self: closed.append(self.name))
    script = tmp_path / "s.toml"
    script.write_text("answers = []")
    settings = Settings(backend="command:cat", roles={"guide": f"scripted:{script}"})

    def broken(name: str, table: object) -> None:
        raise UsageError("gone")

    monkeypatch.setattr("coopbench.agents.backends.scripted.make", broken)
    with pytest.raises(UsageError, match="gone"):
        open_backends(settings, ["c", "guide"])
    assert closed == ["command:cat"]


PLUGIN = '''"""Answers everything with a shrug."""
from coopbench.agents.backends.scripted import ScriptedBackend
SHORT = "mood"
def make(name, table):
    return ScriptedBackend(name, lambda r: table.get("mood", "shrug"))
def check(name, table):
    return None if table.get("mood") != "bad" else "cheer it up"
'''


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution with two backends, one of them broken."""
    info = tmp_path / "shrug-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shrug\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[coopbench.backends]\nshrug = shrug_backend\nvoid = shrug_backend:SHORT\n"
    )
    (tmp_path / "shrug_backend.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("third_party")
def test_a_third_party_brings_a_backend() -> None:
    """An installed distribution's backend works by name, short form and listing."""
    with open_backends(Settings(backend="shrug:deep"), ["c"]) as opened:
        outcome = opened.by_role[""].complete(request(), 0.0)
        assert isinstance(outcome, Answer)
        assert outcome.text == "deep"
    assert unavailable(Settings(backend="shrug:bad"), ["c"]) == "cheer it up"
    rows = {row.name: row for row in backends(Settings())}
    assert rows["shrug"].description == "Answers everything with a shrug."
    assert "no functions `make` and `check`" in rows["void"].problem


def test_the_listing_tells_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configured backends come with their state and users, then the types with what they are."""
    settings = Settings(
        backend="cat",
        roles={"guide": "command:no-such-program"},
        backends={"cat": {**CAT, "model": "m"}, "odd": {"type": "x"}},
    )
    rows = {row.name: row for row in backends(settings)}
    assert (rows["cat"].usable, rows["cat"].chosen, rows["cat"].model) == (True, "all", "m")
    assert rows["command:no-such-program"].chosen == "guide"
    assert "install it" in rows["command:no-such-program"].problem
    assert rows["odd"].usable is False
    assert rows["filebox"].usable is True
    assert rows["anthropic:MODEL"].usable is None
    assert all(row.description for row in rows.values() if not row.configured)
