"""Proposed runs of programs: arguments within the interface, standard input by pieces."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.proposals_program import program_digest, read_program
from coopbench.harness.proposals_values import UnfitError

PROGRAM_TOML = """
name = "prog"
kind = "program"
title = "A program with arguments and input"
why = "fixture"
sources = ["main.c"]

[program]
argv = ["--lines={lines}", "{width}x{lines}", "{seed}"]
stdin = { kind = "words", size = "lines * 10" }

[sizes]
test = { lines = 4, width = 3 }
small = { lines = 10, width = 5 }
ref = { lines = 100, width = 8 }

[hidden]
width = [2, 9]
"""


@pytest.fixture
def program(make_benchmark: Callable[..., Path]) -> Benchmark:
    """Return a program with arguments and standard input."""
    return load_benchmark(make_benchmark(PROGRAM_TOML, "prog", main="int main(void){}"))


@pytest.fixture
def silent(make_benchmark: Callable[..., Path]) -> Benchmark:
    """Return a program that reads nothing and takes no arguments."""
    toml = (
        PROGRAM_TOML[: PROGRAM_TOML.index("argv")] + PROGRAM_TOML[PROGRAM_TOML.index("[sizes]") :]
    )
    return load_benchmark(make_benchmark(toml, "silent", main="int main(void){}"))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"args": "4"}, '"args" must be a list of 3: --lines={lines} {width}x{lines} {seed}'),
    ({"args": ["--lines=4", "3x4"]}, '"args" must be a list of 3'),
    ({"args": ["--lines=4", "3x5", "1"]}, "'lines' is 4 in one argument, 5 in another"),
    ({"args": ["--lines=x", "3x4", "1"]}, "'--lines=x' is not of the form '--lines={lines}'"),
    ({"args": ["--lines=4; rm", "3x4", "1"]}, "is not of the form"),
    ({"args": ["--lines=04", "3x4", "1"]}, "is not of the form"),
    ({"args": ["--lines=101", "3x101", "1"]}, "'lines' = 101 is outside 0 to 100"),
    ({"args": ["--lines=4", "1x4", "1"]}, "'width' = 1 is outside 2 to 9"),
    ({"args": ["--lines=4", "3x4", "1000000"]}, "'seed' = 1000000 is outside 0 to 999999"),
    ({"args": ["--lines=4", "3x4", "-1"]}, "'seed' = -1 is outside"),
    ({"args": ["--lines=4", "3x4", None]}, "cannot be null"),
    ({"args": ["--lines=4", "3x4", True]}, "cannot be true"),
    ({"stdin": 4}, "standard input must be text.*, not 4"),
    ({"stdin": [["a"]]}, "standard input must be text.*, not a list"),
    ({"stdin": {}}, "standard input must be text.*, not an object"),
    ({"stdin": "\ud800"}, "lone surrogate"),
    ({"stdin": "x" * 2150}, "longer than the largest preset's 1000 bytes"),
    ({"stdin": {"repeat": "ab", "times": 10**18}}, "longer than the largest"),
    ({"stdin": [{"repeat": "a", "times": 2000}, "b" * 200]}, "longer than the largest"),
    ({"stdin": {"repeat": "ab"}}, '"times" must be an integer'),
    ({"stdin": {"repeat": "ab", "times": -1}}, '"times" must be an integer'),
    ({"stdin": {"repeat": "ab", "times": True}}, '"times" must be an integer.*not true'),
    ({"stdin": {"repeat": 3, "times": 1}}, '"repeat" must be text'),
    ({"stdin": {"repeat": "a", "times": 1, "kind": "words"}}, "unknown key 'kind'"),
    ({"stdin": {"kind": "words"}}, '"size" must be an integer'),
    ({"stdin": {"kind": "none", "size": 1}}, '"kind" must be one of words, json'),
    ({"stdin": {"kind": ["words"], "size": 1}}, '"kind" must be one of'),
    ({"stdin": {"kind": "words", "size": 1001}}, '"size" is at most 1000'),
    ({"stdin": {"kind": "words", "size": 1, "seed": 0.5}}, '"seed" must be an integer'),
]


@pytest.mark.parametrize(("workload", "reason"), REFUSED)
def test_what_is_outside_the_interface_is_refused(
    program: Benchmark, workload: dict[str, Any], reason: str
) -> None:
    """Arguments and input outside the interface are refused with the rule."""
    with pytest.raises(UnfitError, match=reason):
        read_program(program, workload, "t")


def test_arguments_are_those_of_the_interface(program: Benchmark) -> None:
    """Integers in the braces, also given as numbers, become the program's arguments."""
    run = read_program(program, {"args": ["--lines=0", "9x0", 7], "stdin": ""}, "proposed 1: none")
    assert run.argv == ("--lines=0", "9x0", "7")
    assert run.stdin == b""
    assert run.label == "proposed 1: none --lines=0 9x0 7 stdin=0 B"


def test_pieces_of_standard_input_are_joined(program: Benchmark) -> None:
    """Text, repetitions and generated text follow each other as listed."""
    pieces: list[Any] = [
        "a\u00e9\0",
        {"repeat": "xy", "times": 3},
        {"kind": "lines", "size": 40, "seed": 2},
    ]
    run = read_program(program, {"stdin": pieces}, "t")
    assert run.stdin.startswith(b"a\xc3\xa9\0xyxyxy")
    assert len(run.stdin) == 10 + 40


def test_what_is_left_out_is_the_preset(program: Benchmark) -> None:
    """Arguments and input that a proposal does not give are those of the preset `test`."""
    run = read_program(program, {}, "t")
    assert run.argv == ("--lines=4", "3x4", "0")
    assert 0 < len(run.stdin) <= 40


def test_the_same_content_is_the_same_run(program: Benchmark) -> None:
    """Runs are told apart by arguments and input, not by what they are called."""
    runs = [
        read_program(program, {"stdin": {"repeat": "ab", "times": 2}}, "one"),
        read_program(program, {"stdin": "abab"}, "two"),
        read_program(program, {"stdin": "abab", "args": ["--lines=4", "3x4", 1]}, "one"),
    ]
    one, same, other = map(program_digest, runs)
    assert one == same
    assert one != other


def test_a_program_without_input_gets_none(silent: Benchmark) -> None:
    """Where the interface has no arguments and no input, none can be proposed."""
    assert read_program(silent, {"args": [], "stdin": ""}, "t").stdin == b""
    with pytest.raises(UnfitError, match="reads no standard input"):
        read_program(silent, {"stdin": "x"}, "t")
    with pytest.raises(UnfitError, match='"args" must be a list of 0: nothing'):
        read_program(silent, {"args": ["1"]}, "t")
