"""Plug-ins load when asked for, and a broken or doubled one is named."""

import sys
import types
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coopbench.harness.errors import UsageError
from coopbench.harness.registry import ENTRANTS, SUITES, Plugins, unknown_name


class Dist(Distribution):
    """A distribution with nothing but a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def read_text(self, filename: str) -> None:
        return None

    def locate_file(self, path: Any) -> Path:
        return Path(path)


def point(name: str, value: str, dist: str = "third-party", group: str = ENTRANTS) -> EntryPoint:
    made: EntryPoint = EntryPoint(name, value, group)._for(Dist(dist))  # type: ignore[attr-defined]
    return made


@pytest.fixture
def plugin_module() -> Iterator[types.ModuleType]:
    """Return an importable module that stands for a plug-in's code."""
    module = types.ModuleType("coopbench_test_plugin")
    module.good = lambda: (SimpleNamespace(name="alpha"), SimpleNamespace(name="beta"))  # type: ignore[attr-defined]
    module.clash = lambda: (SimpleNamespace(name="beta"),)  # type: ignore[attr-defined]
    module.raises = lambda: 1 / 0  # type: ignore[attr-defined]
    module.number = 3  # type: ignore[attr-defined]
    module.nameless = lambda: (object(),)  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_names_load_nothing() -> None:
    """Listing names imports no plug-in, so a broken one does not hide the others."""
    plugins = Plugins(ENTRANTS, [point("b", "no_such_module:x"), point("a", "none_either:x")])
    assert plugins.names == ("a", "b")


def test_get_returns_the_object(plugin_module: types.ModuleType) -> None:
    """A plug-in is the object its entry point names."""
    assert (
        Plugins(SUITES, [point("s", "coopbench_test_plugin:good")]).get("s") is plugin_module.good
    )


def test_unknown_plugin_has_a_hint() -> None:
    """An unknown name is answered with the nearest, or with all that are known."""
    plugins = Plugins(SUITES, [point("starter", "m:x")])
    with pytest.raises(UsageError, match=r"unknown name 'startr'; did you mean 'starter'\?"):
        plugins.get("startr")
    with pytest.raises(UsageError, match="known: starter"):
        plugins.get("qqq")
    with pytest.raises(UsageError, match="known: none"):
        Plugins(SUITES, []).get("x")


def test_entrants_by_their_own_names(plugin_module: types.ModuleType) -> None:
    """One entry point may bring several entrants; each is found by its own name."""
    plugins = Plugins(ENTRANTS, [point("mine", "coopbench_test_plugin:good")])
    assert list(plugins.entrants()) == ["alpha", "beta"]
    assert plugins.entrant("beta").name == "beta"
    with pytest.raises(UsageError, match=r"unknown name 'alpah'; did you mean 'alpha'\?"):
        plugins.entrant("alpah")


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("no_such_module:x", "ModuleNotFoundError"),
        ("coopbench_test_plugin:absent", "AttributeError"),
        ("coopbench_test_plugin:raises", "ZeroDivisionError"),
        ("coopbench_test_plugin:number", "TypeError"),
        ("coopbench_test_plugin:nameless", "AttributeError"),
    ],
)
def test_broken_plugin_is_named(plugin_module: types.ModuleType, value: str, cause: str) -> None:
    """A plug-in that fails is an error with distribution, entry point and cause."""
    plugins = Plugins(ENTRANTS, [point("bad", value, "their-dist")])
    with pytest.raises(UsageError) as caught:
        plugins.entrants()
    message = str(caught.value)
    assert "their-dist (coopbench.entrants: bad = " in message
    assert cause in message
    assert "uninstall" in message


def test_two_distributions_with_one_name() -> None:
    """Two plug-ins of one name are refused, both named."""
    with pytest.raises(UsageError, match=r"'x' is claimed by one \(.*and by two \("):
        Plugins(SUITES, [point("x", "m:a", "one"), point("x", "m:b", "two")])


def test_two_entrants_with_one_name(plugin_module: types.ModuleType) -> None:
    """Two entrants of one name from different plug-ins are refused, both named."""
    points = [
        point("a", "coopbench_test_plugin:good", "one"),
        point("b", "coopbench_test_plugin:clash", "two"),
    ]
    with pytest.raises(UsageError, match=r"entrant: 'beta' is claimed by one \(.*and by two \("):
        Plugins(ENTRANTS, points).entrants()


def test_installed_groups_are_found() -> None:
    """This distribution's own plug-ins are found through the same door as any other's."""
    assert "starter" in Plugins(SUITES).names
    assert {"null", "compilers"} <= set(Plugins(ENTRANTS).names)


def test_unknown_name_message() -> None:
    """The message names the kind of thing, the name and the nearest one."""
    error = unknown_name("benchmark", "matmull", ["matmul", "scan"])
    assert str(error) == "benchmark: unknown name 'matmull'; did you mean 'matmul'?"
