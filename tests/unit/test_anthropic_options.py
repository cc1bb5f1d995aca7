"""What an `anthropic` table may say, and what is answered when it says something else."""

import importlib.util
import subprocess
import sys

import pytest

from coopbench.agents.backends.anthropic_api import check, describe, make
from coopbench.agents.backends.anthropic_options import PROFILES, Options
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.backends.provider import Table
from coopbench.harness.errors import UsageError

HOSTED: Table = {"type": "anthropic", "model": "claude-haiku-4-5"}
LOCAL: Table = {"type": "anthropic", "model": "qwen", "base_url": "http://127.0.0.1:8080"}
NO_SDK = "pip install 'coopbench[anthropic]'"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without any key in the environment."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("SOME_KEY", raising=False)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"modle": "x"}, "unknown key 'modle'; did you mean 'model'?"),
        ({"model": ""}, "model"),
        ({"model": None}, "model"),
        ({"api_key_env": "sk-ant-secret"}, "api_key_env"),
        ({"profile": "openai"}, "profile"),
        ({"temperature": 0.5}, "takes no temperature"),
        ({"seed": 1}, "takes no temperature and no seed"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"max_retries": -1}, "max_retries"),
        ({"cache_ttl": "2h"}, "cache_ttl"),
        ({"base_url": "127.0.0.1:8080"}, "no address"),
        ({"base_url": "ftp://host"}, "no address"),
        ({"base_url": "http://"}, "no address"),
        ({"base_url": "http://host:99999"}, "no address"),
        ({"base_url": "http://me:sk-ant-secret@host"}, "holds credentials"),
        ({"base_url": "http://host/v1/"}, "ends in /v1"),
        ({"base_url": "http://host/v1/messages"}, "ends in /v1"),
        ({"base_url": "http://host/?key=sk-ant-secret"}, "query"),
    ],
)
def test_a_wrong_table_is_refused_with_its_name_and_the_key(
    changes: dict[str, object], says: str
) -> None:
    """`make` refuses, `check` says the same, and no secret is repeated."""
    table: Table = {**HOSTED, **changes}  # type: ignore[dict-item]
    with pytest.raises(UsageError) as caught:
        make("main", table)
    assert str(caught.value).startswith("backend 'main': ")
    assert says in str(caught.value)
    assert "sk-ant-secret" not in str(caught.value)
    assert check("main", table) == str(caught.value)


def test_without_the_key_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hosted model needs its key; a named variable must be set; a local server needs none."""
    assert "ANTHROPIC_API_KEY is not set" in (check("main", HOSTED) or "")
    with pytest.raises(UsageError, match="ANTHROPIC_API_KEY is not set"):
        make("main", HOSTED)
    assert "SOME_KEY is not set" in (check("main", {**LOCAL, "api_key_env": "SOME_KEY"}) or "")
    assert check("main", LOCAL) is None
    monkeypatch.setenv("ANTHROPIC_API_KEY", "  ")
    assert "ANTHROPIC_API_KEY is not set" in (check("main", HOSTED) or "")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk")
    assert check("main", HOSTED) is None


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert (check("main", LOCAL) or "").endswith(NO_SDK)
    with pytest.raises(UsageError) as caught:
        make("main", LOCAL)
    assert str(caught.value).endswith(NO_SDK)


def test_nothing_imports_the_sdk_before_the_first_request() -> None:
    """Every module here, `make`, `check` and `describe` get by without SDK and HTTP client."""
    code = f"""
import importlib, pkgutil, sys
import coopbench.agents.backends as backends
for module in pkgutil.iter_modules(backends.__path__):
    importlib.import_module(f"coopbench.agents.backends.{{module.name}}")
from coopbench.agents.backends.anthropic_api import check, describe, make
from coopbench.agents.backends.prices import load_prices
table = {dict(LOCAL)!r}
make("main", table).close(), check("main", table), describe("main", table, load_prices())
print([name for name in ("anthropic", "httpx2", "anyio") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            HOSTED,
            (
                "main: claude-haiku-4-5 at api.anthropic.com (hosted); "
                "$1 in, $5 out per million tokens (checked 2026-11-23)"
            ),
        ),
        (
            {**LOCAL, "profile": "ollama"},
            "main: qwen at 127.0.0.1:8080 (ollama); price unknown: no row in the price file",
        ),
        (
            {**LOCAL, "base_url": "http://[::1]:8080/gate/", "model": "/models/a/b.gguf"},
            "main: b.gguf at [::1]:8080 (compatible); price unknown: no row in the price file",
        ),
    ],
)
def test_one_line_tells_host_model_and_price(table: Table, line: str) -> None:
    """It needs neither key nor SDK."""
    assert describe("main", table, load_prices()) == line


def test_each_kind_of_server_has_its_abilities() -> None:
    """Only hosted models cache and obey effort; only the others sample as told."""
    for name, profile in PROFILES.items():
        assert profile.caching == profile.effort == (name == "hosted") != profile.sampling
    assert Options.model_validate(HOSTED).profile_name == "hosted"
    assert Options.model_validate(LOCAL).profile_name == "compatible"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:1", True),
        ("http://127.8.9.1:1", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.1:1", False),
        ("https://localhost.example.org", False),
    ],
)
def test_only_this_machine_is_offline(url: str, local: bool) -> None:
    """Whether the network is needed follows from the address."""
    backend = make("main", {**LOCAL, "base_url": url})
    assert backend.capabilities.offline is local


def test_a_patient_backend_says_so() -> None:
    """A time limit beyond the usual one is told, so that callers wait as long."""
    assert make("main", LOCAL).capabilities.patience_s is None
    assert make("main", {**LOCAL, "timeout_s": 3600}).capabilities.patience_s == 3600
