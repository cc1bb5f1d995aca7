"""What a recipe and its file names may say: nothing that reads or writes other files.

Recipes come from entrants. A flag that names a file, loads a plug-in, changes the target or
contracts floating-point operations would break the promise that a build is a function of the
candidate's text and the target.
"""

import re
from collections.abc import Iterable

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Recipe

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+-]*\.[A-Za-z]{1,3}")
_MOST_CHARACTERS = 8_000_000
_PIPELINE = re.compile(r"[\w<>,;()=\-. ]+")
"""Characters of an `opt -passes=` pipeline; no path can be written with them."""

# No value may hold a slash (another file) or a comma after -W (words for other tools).
_FRONTEND = re.compile(
    r"-(?:O(?:[0-3sgz]|fast)?|[fm][a-z][\w.+=:,-]*|[DU]\w[^/]*|W[\w=+-]*|std=[\w+:]+|w)"
    r"|--param=[\w-]+=\d+"
)
_FRONTEND_BANNED = re.compile(
    r"-m(?:arch|cpu|abi|16|32|x32)\b"
    r"|-f(?:plugin|pass-plugin|profile|cs-profile|auto-profile|branch-probabilities|coverage"
    r"|test-coverage|sanitize|instrument|xray|lto|thinlto|modules?|openmp|openacc|dump|opt-info"
    r"|save-optimization|optimization-record|time-|stack-usage|callgraph|crash|embed|debug-"
    r"|file-|macro-|syntax-only|use-ld)"
)
_CONTRACT = re.compile(r"-ffp-contract=(?!off$)")
_TOOL_OPTION = re.compile(r"--?[A-Za-z][\w.-]*(?:=[\w.,+:;<>()@ *-]*)?")
_TOOL_BANNED = re.compile(
    r"--?(?:o|filetype|mtriple|march|mcpu|mattr|passes|fp-contract|load\S*|help\S*|version"
    r"|dot\S*|view\S*|debug\S*|print-\S*|info-\S*|stats\S*|time-\S*|profile-\S*|pgo-\S*"
    r"|\S*output\S*|\S*remarks\S*|\S*-(?:file|filename|dir|directory))(?:=.*)?"
)


def objection(candidate: Candidate) -> str | None:
    """Return why the candidate must not be built, one line; None if it may."""
    level = candidate.level
    for name in candidate.files:
        if not _FILE_NAME.fullmatch(name):
            return f"file name {name!r} is not plain (letters, digits, one suffix)"
        if not name.endswith((level.suffix, ".h") if level is Level.C else level.suffix):
            return f"file {name!r} does not belong to level {level.value!r}"
    if sum(len(text) for text in candidate.files.values()) > _MOST_CHARACTERS:
        return f"the files have more than {_MOST_CHARACTERS} characters"
    if not any(name.endswith(level.suffix) for name in candidate.files):
        return f"no file ends in {level.suffix}"
    return recipe_objection(candidate.recipe)


def recipe_objection(recipe: Recipe) -> str | None:
    """Return what a recipe must not say, one line; None if there is nothing."""
    if recipe.passes is not None and not _PIPELINE.fullmatch(recipe.passes):
        return f"pass pipeline {recipe.passes!r} has characters that no pipeline has"
    if recipe.march is not None and not re.fullmatch(r"[\w.+-]+", recipe.march):
        return f"march {recipe.march!r} is no name of an instruction set"
    return (
        _frontend_objection(recipe.frontend)
        or _options_objection("pass option", recipe.pass_options)
        or _options_objection("code generation option", recipe.codegen)
    )


def _frontend_objection(flags: tuple[str, ...]) -> str | None:
    # Fast maths implies contraction; whoever asks for the one may ask for the other.
    fast = not {"-ffast-math", "-Ofast"}.isdisjoint(flags)
    todo = iter(flags)
    for flag in todo:
        if flag == "-mllvm":
            if problem := _options_objection("-mllvm option", (next(todo, ""),)):
                return problem
        elif not _FRONTEND.fullmatch(flag) or _FRONTEND_BANNED.match(flag):
            return f"front-end flag {flag!r} is not allowed in a recipe"
        elif _CONTRACT.match(flag) and not fast:
            return f"{flag!r} needs -ffast-math: contraction changes results, so it is off"
    return None


def _options_objection(what: str, options: Iterable[str]) -> str | None:
    for option in options:
        if not _TOOL_OPTION.fullmatch(option) or _TOOL_BANNED.fullmatch(option):
            return f"{what} {option!r} is not allowed in a recipe"
    return None
