"""Closed lists: which passes and options an answer may ask for, and what the message says."""

import pytest

from coopbench.agents.protocol.recipe_edits import (
    CODEGEN_OPTIONS,
    PASS_OPTIONS,
    PASSES,
    codegen_option_objection,
    pass_option_objection,
    pipeline_objection,
)
from coopbench.agents.protocol.recipe_words import FLAG, words
from coopbench.harness.model import Recipe
from coopbench.harness.toolchain.policy import recipe_objection

GOOD = (
    "default<O3>",
    "default<O2>,loop-vectorize,slp-vectorizer,instcombine,simplifycfg",
    "function(loop-mssa(licm,simple-loop-unswitch<nontrivial>),gvn)",
    "cgscc(inline,function(sroa,early-cse<memssa>)),globaldce",
    "licm",
    "licm,loop-rotate",
    "sroa,loop(loop-idiom,indvars),gvn",
    "function<eager-inv>(instcombine<no-verify-fixpoint;max-iterations=3>)",
    "simplifycfg<no-keep-loops;bonus-inst-threshold=4;sink-common-insts>",
    "lto-pre-link<O3>,lto<O3>",
    "globaldce,instcombine,loop-idiom",
)
BAD = {
    "": "a pass is expected",
    "default<O3>,": "a pass is expected",
    ",gvn": "a pass is expected",
    "gvn,,dce": "a pass is expected",
    "gvn, dce": "a pass is expected",
    "gvn dce": "unexpected 'dce'",
    "function(gvn": "not closed",
    "function(gvn))": "unexpected ')'",
    "gvn()": "a pass is expected",
    "gvn(dce)": "takes no passes in parentheses",
    "nosuchpass": "not on the list",
    "print": "not on the list",
    "dot-cfg": "not on the list",
    "view-cfg": "not on the list",
    "embed-bitcode": "not on the list",
    "internalize": "not on the list",
    "pgo-instr-gen": "not on the list",
    "insert-gcov-profiling": "not on the list",
    "trigger-crash-module": "not on the list",
    "sample-profile": "not on the list",
    "asan": "not on the list",
    "require<domtree>": "not on the list",
    "repeat<100000>(gvn)": "takes no passes in parentheses",
    "default": "needs a level",
    "default<O9>": "no parameter",
    "default<O3;O2;../x>": "unexpected",
    "gvn<nonsense>": "no parameter",
    "gvn<>": "no parameter",
    "loop-unroll<full-unroll-max=100000>": "no parameter",
    "loop-unroll<full-unroll-max>": "no parameter",
    "loop-unroll<full-unroll-max=-1>": "no parameter",
    "instcombine,globaldce": "begin with a module pass",
    "function(globaldce)": "begin with a module pass",
    "loop(gvn)": "begin with a function pass",
    "loop-idiom,gvn": "begin with a function pass",
    "function(loop(licm))": "must stand in loop-mssa",
    "default<O3>,licm": "must stand in loop-mssa",
    "loop-idiom,licm": "must stand in loop-mssa",
    "globaldce,loop(indvars)": "must stand in a function pipeline",
    "loop-rotate,loop-mssa(licm)": "must stand in a function pipeline",
    "function(module(globaldce))": "must stand in a module pipeline",
    "function<x>(gvn)": "takes no parameter",
    "default<O3>," * 4 + "default<O3>": "whole pipelines",
    ",".join(["dce"] * 81): "81 passes",
    "function(" * 9 + "dce" + ")" * 9: "nested",
    "x" * 5000: "characters",
    "gvn;dce": "unexpected",
    "gvn\ndce": "unexpected",
    "gvn\0": "unexpected",
    "$(reboot)": "a pass is expected",
}


@pytest.mark.parametrize("pipeline", GOOD)
def test_pipelines_that_opt_takes(pipeline: str) -> None:
    """There is no objection here, nor by the harness."""
    assert pipeline_objection(pipeline) is None
    assert recipe_objection(Recipe(passes=pipeline)) is None


@pytest.mark.parametrize(("pipeline", "why"), BAD.items())
def test_other_pipelines_are_refused_with_a_reason(pipeline: str, why: str) -> None:
    """One line says what is wrong."""
    said = pipeline_objection(pipeline)
    assert said is not None
    assert why in said
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize(
    "option",
    [
        "-inline-threshold=500",
        "--unroll-count=8",
        "-unroll-runtime",
        "-vectorize-loops=false",
        "-force-vector-width=8",
        "-slp-threshold=-10",
        "-hints-allow-reordering=false",
        "-prefer-predicate-over-epilogue=predicate-dont-vectorize",
    ],
)
def test_options_of_opt_on_the_list(option: str) -> None:
    """There is no objection here, nor by the harness."""
    assert pass_option_objection(option) is None
    assert recipe_objection(Recipe(passes="default<O3>", pass_options=(option,))) is None


@pytest.mark.parametrize(
    "option",
    [
        "",
        "-",
        "inline-threshold=5",
        "-inline-threshold",
        "-inline-threshold=",
        "-inline-threshold=-1",
        "-inline-threshold=99999999999999999999",
        "-inline-threshold=1e3",
        "-inline-threshold=5 -load=x",
        "-force-vector-width=3",
        "-force-vector-width=1000000",
        "-hints-allow-reordering",
        "-hints-allow-reordering=true",
        "-vectorize-loops=maybe",
        "-loop-flatten-assume-no-overflow",
        "-load=evil.so",
        "-load-pass-plugin=x.so",
        "-o=x",
        "-print-after-all",
        "-debug-only=licm",
        "-time-passes",
        "-fp-contract=fast",
        "-enable-no-nans-fp-math",
        "-mattr=+avx512f",
        "-passes=gvn",
        "-O3",
        "@response",
        "-align-loops=32",
    ],
)
def test_other_options_of_opt_are_refused(option: str) -> None:
    """Nothing off the list, nothing out of range, nothing that loosens the float rules."""
    said = pass_option_objection(option)
    assert said is not None
    assert "\n" not in said


@pytest.mark.parametrize(
    "option", ["-O0", "-O3", "-align-loops=32", "-enable-misched=false", "-tail-dup-size=4"]
)
def test_options_of_llc_on_the_list(option: str) -> None:
    """There is no objection here, nor by the harness."""
    assert codegen_option_objection(option) is None
    assert recipe_objection(Recipe(passes="default<O3>", codegen=(option,))) is None


@pytest.mark.parametrize(
    "option",
    [
        *("-O4", "-Ofast", "-O=3", "-align-loops=3", "-mcpu=native", "-filetype=obj", ""),
        *("-x86-asm-syntax=intel", "-fp-contract=fast", "-enable-unsafe-fp-math"),
        *("-inline-threshold=5", "-regalloc=fast"),
    ],
)
def test_other_options_of_llc_are_refused(option: str) -> None:
    """Nothing off the list, nothing that changes the target, the form or the float rules."""
    assert codegen_option_objection(option) is not None


def test_prompts_name_what_is_on_the_lists() -> None:
    """Whatever the prompts offer is accepted, with the values that are really allowed."""
    for name in PASSES:
        assert pipeline_objection(f"function({name})" if "(" in name else name) is None, name
    lists = {PASS_OPTIONS: words().pass_options, CODEGEN_OPTIONS: words().codegen_options}
    for told, known in lists.items():
        for option in told:
            if option.startswith("-O"):
                assert option == f"-O{known['O']}"
                continue
            name, _, values = option[1:].partition("=")
            assert known[name] == (values if values not in {"", "false"} else FLAG), option


def test_no_option_of_the_lists_is_against_the_harness() -> None:
    """The lists are stricter than the harness, never wider."""
    for name, allowed in words().pass_options.items():
        value = {"flag": "true"}.get(allowed, allowed.split("|")[0].split("..")[-1])
        option = f"-{name}={value}"
        assert pass_option_objection(option) is None, option
        assert recipe_objection(Recipe(passes="default<O3>", pass_options=(option,))) is None
