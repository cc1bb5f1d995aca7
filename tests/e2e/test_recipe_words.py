"""What answers may ask of `opt` and `llc`: the pinned LLVM knows every word, and takes it."""

import random
import re
from collections.abc import Iterator, Mapping

import pytest

from coopbench.agents.protocol.recipe_edits import (
    codegen_option_objection,
    pass_option_objection,
    pipeline_objection,
)
from coopbench.agents.protocol.recipe_words import FLAG, words
from coopbench.harness.compose import open_builder
from coopbench.harness.model import Recipe
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.constituents import (
    Passes,
    Source,
    compile_to_ir,
    generate,
    optimize,
)
from coopbench.harness.toolchain.host import find_target, read_host
from coopbench.harness.toolchain.setting import Setting
from coopbench.harness.toolchain.step import Artifact

pytestmark = pytest.mark.e2e

NAMES = ("find_sub", "gemm_ijk", "utf8_check")
WHOLE = ("default", "lto", "lto-pre-link")
Module = tuple[Setting, bytes]


@pytest.fixture(scope="module")
def modules() -> tuple[Module, ...]:
    """Return unoptimized IR of a search, a loop nest and a decoder, for both architectures."""
    builder = open_builder(open_sandbox())
    found = []
    for benchmark in find_suite("curated").benchmarks:
        if benchmark.name in NAMES:
            for target in ("x86-64-v2", "armv8-a"):
                setting = builder.setting(Recipe(), find_target(target, read_host()))
                source = Source("kernel.c", benchmark.files["kernel.c"])
                made = compile_to_ir(setting, source, ("-O3",))
                assert isinstance(made, Artifact), made
                found.append((setting, made.read()))
    return tuple(found)


def assert_runs(modules: tuple[Module, ...], pipeline: str, *options: str) -> None:
    """Check that `opt` takes a pipeline with options."""
    for setting, ir in modules:
        made = optimize(setting, ir, Passes(pipeline, options))
        assert isinstance(made, Artifact), (pipeline, options, made)


def shown(name: str) -> str:
    """Return a pass as it stands in a pipeline."""
    return f"{name}<O2>" if name in WHOLE else name


def values(allowed: str) -> Iterator[str]:
    """Yield the extremes of what an option may be, with the `=`."""
    bounds = re.fullmatch(r"(-?\d+)\.\.(-?\d+)", allowed)
    if allowed == FLAG:
        yield from ("", "=true", "=false")
    elif bounds is not None:
        yield from (f"={bounds[1]}", f"={bounds[2]}")
    else:
        yield from (f"={word}" for word in allowed.split("|"))


@pytest.mark.parametrize("name", list(words().levels))
def test_every_pass_runs(modules: tuple[Module, ...], name: str) -> None:
    """Each pass on the list exists at its level, and does not fall over."""
    assert pipeline_objection(shown(name)) is None
    assert_runs(modules, shown(name))


@pytest.mark.parametrize("name", list(words().parameters))
def test_every_parameter_is_known(modules: tuple[Module, ...], name: str) -> None:
    """Each parameter of a pass is one that `opt` takes, at the ends of its range."""
    for parameter in words().parameters[name]:
        word, _, allowed = parameter.partition("=")
        for value in values(allowed) if allowed else [""]:
            pipeline = f"{name}<{word}{value}>"
            assert pipeline_objection(pipeline) is None, pipeline
            assert_runs(modules[:1], pipeline)


@pytest.mark.parametrize("name", list(words().pass_options))
def test_every_option_of_opt_is_known(modules: tuple[Module, ...], name: str) -> None:
    """Each option is taken with the extremes of its values."""
    for value in values(words().pass_options[name]):
        option = f"-{name}{value}"
        assert pass_option_objection(option) is None, option
        assert_runs(modules[:2], "default<O2>", option)


@pytest.mark.parametrize("name", [n for n in words().codegen_options if n != "O"])
def test_every_option_of_llc_is_known(modules: tuple[Module, ...], name: str) -> None:
    """Each option is taken with the extremes of its values."""
    for value in values(words().codegen_options[name]):
        option = f"-{name}{value}"
        assert codegen_option_objection(option) is None, option
        for setting, ir in modules[:2]:
            made = generate(setting, ir, ("-O2", option))
            assert isinstance(made, Artifact), (option, made)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_not_objected_to_runs(modules: tuple[Module, ...], seed: int) -> None:
    """Of random nestings, those that pass the check are pipelines that `opt` takes."""
    chance = random.Random(seed)
    ran = refused = 0
    while ran < 12:
        pipeline = drawn(chance, 0)
        if pipeline_objection(pipeline) is None:
            assert_runs((chance.choice(modules),), pipeline, "-hints-allow-reordering=false")
            ran += 1
        else:
            refused += 1
    assert refused > 0, "the check is no rubber stamp"


def drawn(chance: random.Random, depth: int) -> str:
    """Return a random pipeline, most of them wrong."""
    parts = []
    for _ in range(chance.randint(1, 4)):
        if depth < 3 and chance.random() < 0.35:
            adaptor = chance.choice(("module", "cgscc", "function", "loop", "loop-mssa"))
            parts.append(f"{adaptor}({drawn(chance, depth + 1)})")
        else:
            parts.append(
                with_parameter(chance, chance.choice(list(words().levels)), words().parameters)
            )
    return ",".join(parts)


def with_parameter(
    chance: random.Random, name: str, parameters: Mapping[str, tuple[str, ...]]
) -> str:
    """Return a pass, sometimes with a parameter."""
    known = [p for p in parameters.get(name, ()) if "=" not in p]
    if known and (name in WHOLE or chance.random() < 0.5):
        return f"{name}<{chance.choice(known)}>"
    return name
