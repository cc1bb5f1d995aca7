"""The configuration file and budgets on the command line: exact amounts, and clear refusals."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness import config
from coopbench.harness.config import Config, check_settings, parse_budget, read_config
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import NANO, Caps
from coopbench.harness.record import DEFAULT_CAPS
from coopbench.harness.secret_values import find_secret
from coopbench.harness.settings import Settings, TapeSettings

FULL = """
[models]
backend = "haiku"
effort = "low"
max_tokens = 4000
prices = "p.toml"
[models.roles]
guide = "command:llm"
[backends.haiku]
type = "anthropic"
model = "claude-haiku-5-5"
api_key_env = "MY_KEY"
temperature = 0.5
[backends.box]
type = "filebox"
wait_s = 60
[tape]
path = "a.tape"
mode = "record-missing"
[budget]
model_calls = 7
tokens = "none"
dollars = 0.1
compile_seconds = 1.5
run_seconds = 0.000000001
wall_seconds = 60
evaluations = 3
"""


def read(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "c.toml"
    path.write_text(text)
    return read_config(path)


def test_a_full_file(tmp_path: Path) -> None:
    """Every key of every section arrives, money and time as exact integers."""
    full = read(tmp_path, FULL)
    assert full.settings == Settings(
        backend="haiku",
        roles={"guide": "command:llm"},
        backends={
            "haiku": {
                "type": "anthropic",
                "model": "claude-haiku-5-5",
                "api_key_env": "MY_KEY",
                "temperature": 0.5,
            },
            "box": {"type": "filebox", "wait_s": 60},
        },
        tape=TapeSettings(path="a.tape", mode="record-missing"),
        prices="p.toml",
        effort="low",
        max_tokens=4000,
    )
    assert full.caps == Caps(
        model_calls=7,
        tokens=None,
        nano_dollars=NANO // 10,
        compile_ns=1_500_000_000,
        run_ns=1,
        wall_ns=60 * NANO,
        evaluations=3,
    )


def test_what_is_left_out_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file, or none, means the defaults; a file in the current folder is found."""
    assert read(tmp_path, "") == Config()
    assert read(tmp_path, "[budget]\ndollars = 1").caps == DEFAULT_CAPS.model_copy(
        update={"nano_dollars": NANO}
    )
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert read_config() == Config()
    (folder / "coopbench.toml").write_text("[models]\nbackend = 'filebox'")
    assert read_config().settings.backend == "filebox"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[models", ["not valid TOML"]),
        ("[model]\n", ["unknown key 'model'", "did you mean 'models'"]),
        ("[models]\nbackend_ = 'x'", ["models.backend_", "did you mean 'backend'"]),
        ("[models]\nmax_tokens = 'many'", ["models.max_tokens"]),
        ("[models]\nmax_tokens = 5", ["max_tokens"]),
        ("[models]\neffort = 'huge'", ["effort", "'medium'"]),
        ("[models.roles]\ngide = 'x'", ["models.roles.gide", "'guide'"]),
        ("[backends.x]\nmodel = 'm'", ["backends.x", "`type`"]),
        ("[backends.x]\ntype = 5", ["backends.x", "`type`"]),
        ("[backends]\nx = 5", ["backends.x"]),
        ("[backends.x]\ntype = 'a'\nsince = 2020-01-01", ["x.since", "dates"]),
        ("[backends.x]\ntype = 'a'\nheat = nan", ["x.heat", "no number"]),
        ("[tape]\nmode = 'replay'", ["tape.path"]),
        ("[tape]\npath = 'a'\nmode = 'play'", ["tape.mode", "'replay'"]),
        ("[budget]\ndolars = 1", ["budget", "did you mean 'dollars'"]),
        ("[budget]\ndollars = -1", ["budget: dollars", "out of range"]),
        ("[budget]\ndollars = inf", ["budget: dollars", "no amount"]),
        ("[budget]\ndollars = true", ["budget: dollars", "no amount"]),
        ("[budget]\ndollars = 1e-10", ["budget: dollars", "nine decimals"]),
        ("[budget]\ndollars = 1e-999999999", ["budget: dollars", "nine decimals"]),
        ("[budget]\ntokens = 1e999999999", ["budget: tokens", "out of range"]),
        ("[budget]\nmodel_calls = 1.5", ["budget: model_calls", "a whole number"]),
        ("[budget]\ntokens = 'many'", ["budget: tokens", "no amount"]),
        ("[budget]\ntokens = [1]", ["budget: tokens", "no amount"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, parts: list[str]) -> None:
    """A mistake is one message with the file, the key and what would be right."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert "c.toml" in message
    assert "\n" not in message
    assert [p for p in parts if p not in message] == []


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that was named must exist and be text."""
    with pytest.raises(UsageError, match="does not exist"):
        read_config(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_config(tmp_path)
    (tmp_path / "c.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_config(tmp_path / "c.toml")


@pytest.mark.parametrize(
    "table",
    [
        "api_key = 'abc'",
        "key = 'abc'",
        "auth_token = 'abc'",
        "headers = { Authorization = 'x' }",
        "env = { OPENAI_API_KEY = 'x' }",
        f"model = 'sk-{'x1' * 12}'",
        "command = ['llm', 'Bearer abcdefghijklmnopqrst']",
        "command = 'llm --api-key abc'",
        "base_url = 'https://user:secret@host/'",
    ],
)
def test_secrets_are_refused(tmp_path: Path, table: str) -> None:
    """What looks like a secret is refused with the remedy, and never repeated."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"[backends.x]\ntype = 'a'\n{table}")
    message = str(caught.value)
    assert "backends.x" in message
    assert "api_key_env" in message
    assert "abc" not in message.replace("c.toml", "")
    assert "user:secret" not in message


def test_names_of_variables_are_no_secrets() -> None:
    """What names a variable, counts tokens or is an ordinary address is allowed."""
    fine = {
        "api_key_env": "ANTHROPIC_API_KEY",
        "pass_env": ["OPENAI_API_KEY"],
        "max_tokens": 8000,
        "base_url": "http://127.0.0.1:8080/v1",
        "command": "llm -m risk-model --keyboard",
        "key": "",
    }
    assert find_secret({"backends": {"x": fine}}) is None


def test_a_run_does_not_begin_with_a_secret_or_a_full_tape(tmp_path: Path) -> None:
    """Secrets in short forms are refused, and a new recording needs a new tape; a resume does not."""
    with pytest.raises(UsageError, match="secret does not belong"):
        check_settings(Settings(backend="command:llm --token abcd"), fresh=True)
    path = tmp_path / "t"
    settings = Settings(tape=TapeSettings(path=str(path), mode="record"))
    check_settings(settings, fresh=True)
    path.touch()
    check_settings(settings, fresh=True)
    path.write_text("something")
    with pytest.raises(UsageError, match=r"already holds recordings; .* record-missing"):
        check_settings(settings, fresh=True)
    check_settings(settings, fresh=False)
    going_on = Settings(tape=TapeSettings(path=str(path), mode="record-missing"))
    check_settings(going_on, fresh=True)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        (Settings(backend="comand:cat"), "did you mean 'command'"),
        (Settings(backend="haiku", backends={"haiku4": {"type": "command"}}), "'haiku4'"),
        (Settings(backend="filebox", roles={"guide": "nobody"}), "unknown name 'nobody'"),
        (Settings(backend="mine", backends={"mine": {"type": "comand"}}), "'command'"),
    ],
)
def test_a_run_does_not_begin_with_an_unknown_backend(settings: Settings, part: str) -> None:
    """A misspelt backend or type is the user's mistake, and is told before anything is done."""
    with pytest.raises(UsageError, match=part):
        check_settings(settings, fresh=True)


def test_tables_that_nobody_chose_may_be_of_unknown_types() -> None:
    """A configuration may speak of plug-ins that are not installed here."""
    tables = {"mine": {"type": "command"}, "other": {"type": "from-another-package"}}
    check_settings(Settings(backend="mine", backends=tables), fresh=True)


def test_budget_items_replace_caps() -> None:
    """Caps named on the command line replace those of the file; the last of a name counts."""
    base = Caps(model_calls=1, tokens=2, evaluations=3)
    got = parse_budget(
        ["calls=40", "dollars=0.5", "tokens=none", "wall_seconds = 1e3", "calls=41"], base
    )
    assert got == Caps(
        model_calls=41, nano_dollars=NANO // 2, wall_ns=1000 * NANO, evaluations=3, tokens=None
    )
    assert parse_budget([], base) == base


@pytest.mark.parametrize(
    ("item", "part"),
    [
        ("calls", "NAME=AMOUNT"),
        ("call=1", "did you mean"),
        ("calls=", "no amount"),
        ("calls=1.5", "a whole number"),
        ("dollars=nan", "no amount"),
        ("dollars=0.0000000001", "nine decimals"),
        ("tokens=-1", "out of range"),
    ],
)
def test_a_wrong_budget_item_is_named(item: str, part: str) -> None:
    """A budget item that makes no sense is refused with an example or the nearest name."""
    with pytest.raises(UsageError, match="--budget") as caught:
        parse_budget([item], Caps())
    assert part in str(caught.value)


@given(st.integers(0, 10**12), st.integers(0, 999_999_999))
def test_amounts_are_exact(whole: int, nano: int) -> None:
    """Nine decimals of a dollar or second arrive exactly, whatever a float would make of them."""
    text = f"{whole}.{nano:09}"
    if Fraction(text) > 10**12:
        return
    caps = parse_budget([f"dollars={text}", f"run_seconds={text}"], Caps())
    assert caps.nano_dollars == caps.run_ns == whole * NANO + nano


def test_the_documented_files_are_right(tmp_path: Path) -> None:
    """The examples of the documentation and of the module's docstring can be read as they stand."""
    page = (Path(__file__).parents[2] / "docs" / "backends.md").read_text("utf-8")
    for text in (page, config.__doc__ or ""):
        example = text.partition("```toml\n")[2].partition("```")[0]
        found = read(tmp_path, example)
        assert found.settings.backend == "haiku"
        assert found.caps.nano_dollars == NANO // 4
