"""Optimization remarks: what LLVM's passes did, and what they say they could not do."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import yaml

from coopbench.harness.base import Frozen
from coopbench.harness.errors import InfraError, MissingToolError
from coopbench.harness.toolchain.constituents import (
    Passes,
    Source,
    module_input,
    own_tool,
    target_options,
)
from coopbench.harness.toolchain.setting import CpuAttributes, Setting
from coopbench.harness.toolchain.step import BuildFailure, Step, run_step

_FILE = "remarks.yaml"
_END = "\n...\n"
"""End of a YAML document."""
_KINDS: dict[str, Literal["passed", "missed", "analysis", "failure"]] = {
    "Passed": "passed",
    "Missed": "missed",
    "Failure": "failure",
}


class Remark(Frozen):
    """One remark of one pass."""

    kind: Literal["passed", "missed", "analysis", "failure"]
    pass_name: str
    """The pass, e.g. `loop-vectorize`."""
    name: str
    """The remark's own name, e.g. `MissedDetails`."""
    function: str
    line: int | None
    """Line in the C source; None if it is not known."""
    message: str


def remarks_of_source(
    setting: Setting, source: Source, flags: Sequence[str]
) -> tuple[Remark, ...] | BuildFailure:
    """Return what clang remarks while it compiles a C file with the given flags, each thing once.

    Raises:
        MissingToolError: if the compiler is no clang.
    """
    if setting.compiler.kind != "clang":
        raise MissingToolError(f"{setting.compiler.id} gives no LLVM remarks; use a clang")
    record = ("-fsave-optimization-record=yaml", f"-foptimization-record-file={_FILE}")
    made = (source.name, "-S", "-o", "out.s")
    step = Step(
        stage="front end",
        tool=setting.compiler.driver,
        args=(*setting.c_flags, *source.flags, *flags, *record, *made),
        inputs=source.inputs,
        output=_FILE,
        links=setting.headers,
        depends=setting.depends,
    )
    return _remarks(setting, step)


def remarks_of_passes(
    setting: Setting, ir: bytes, passes: Passes, *, attributes: CpuAttributes | None = None
) -> tuple[Remark, ...] | BuildFailure:
    """Return what `opt` remarks while it runs a pipeline over a module, each thing once."""
    target = () if attributes is None else target_options(setting, attributes)
    inputs = (*module_input(ir), *passes.inputs)
    record = (f"-pass-remarks-output={_FILE}", inputs[0][0], "-o", "out.bc")
    step = Step(
        stage="optimizer",
        tool=own_tool(setting, setting.compiler.tools.opt, "opt"),
        args=(*passes.flags, *target, *record),
        inputs=inputs,
        output=_FILE,
        depends=(setting.isa.cpu,),
    )
    return _remarks(setting, step)


def _remarks(setting: Setting, step: Step) -> tuple[Remark, ...] | BuildFailure:
    made = run_step(setting.context, step)
    if isinstance(made, BuildFailure):
        return made
    try:
        return tuple(dict.fromkeys(_parse(made.text())))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as e:
        raise InfraError(f"{step.tool.name} wrote remarks that cannot be read: {e}") from e


class _Loader(yaml.CSafeLoader):
    """Reads LLVM's documents, whose tags tell the kind of remark."""


def _tagged(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    return {"Kind": suffix, **loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def _parse(text: str) -> Iterator[Remark]:
    # Passes that run often repeat themselves; reading a thing twice takes as long as the first time.
    once = _END.join(dict.fromkeys(text.split(_END)))
    for document in yaml.load_all(once, _Loader):
        place = document.get("DebugLoc")
        yield Remark(
            kind=_KINDS.get(document["Kind"], "analysis"),
            pass_name=str(document["Pass"]),
            name=str(document["Name"]),
            function=str(document["Function"]),
            line=int(place["Line"]) if place else None,
            message="".join(_words(document.get("Args") or ())),
        )


def _words(args: Sequence[dict[str, Any]]) -> Iterator[str]:
    for arg in args:
        yield from (str(value) for key, value in arg.items() if key != "DebugLoc")
