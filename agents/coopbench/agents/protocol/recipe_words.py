"""The closed lists of passes, parameters and options, read from `llvm22.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_FILE = "llvm22.toml"
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_INTEGER = re.compile(r"-?\d{1,9}")
FLAG = "flag"


@dataclass(frozen=True)
class Words:
    """What an answer may ask of `opt` and `llc`."""

    levels: Mapping[str, int]
    """How deep a pass works: 0 module, 1 call graph, 2 function, 3 loop."""
    parameters: Mapping[str, tuple[str, ...]]
    """Of passes that take any; `name=LO..HI` is a number."""
    needs_memory_ssa: frozenset[str]
    """Loop passes that fail outside of `loop-mssa(…)`."""
    pass_options: Mapping[str, str]
    """Option to its values: `LO..HI`, `a|b`, or `flag`."""
    codegen_options: Mapping[str, str]


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the lists."""
    file = resources.files(__package__).joinpath(_FILE)
    table = tomllib.loads(file.read_text("utf-8"))
    passes = table["passes"]
    kinds = ("module", "cgscc", "function", "loop")
    return Words(
        levels={name: i for i, kind in enumerate(kinds) for name in passes[kind].split()},
        parameters={name: tuple(text.split()) for name, text in table["parameters"].items()},
        needs_memory_ssa=frozenset(passes["needs_memory_ssa"].split()),
        pass_options=table["pass_options"],
        codegen_options=table["codegen_options"],
    )


def value_objection(value: str, allowed: str) -> str | None:
    """Return what is wrong with an option's value, None if it is allowed.

    Args:
        value: What stands behind the `=`.
        allowed: `LO..HI`, `a|b` or `flag`.
    """
    if allowed == FLAG:
        return None if value in {"true", "false"} else "is a flag: true or false"
    bounds = _RANGE.fullmatch(allowed)
    if bounds is None:
        return None if value in allowed.split("|") else f"must be one of {allowed}"
    fits = _INTEGER.fullmatch(value) and int(bounds[1]) <= int(value) <= int(bounds[2])
    return None if fits else f"must be a whole number, {bounds[1]} to {bounds[2]}"
