"""The compiler's parts, each callable by itself: front end, passes, code generation, assembler.

Every function is pure: it returns a cached file made from its arguments alone, or the failure.
Between constituents IR travels as bitcode, because text loses the order of use lists, on which
some instruction selection depends; text is for people and for IR that they write.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coopbench.harness.errors import MissingToolError
from coopbench.harness.toolchain.compilers import Executable
from coopbench.harness.toolchain.project import ALONE, Project
from coopbench.harness.toolchain.setting import CpuAttributes, Setting
from coopbench.harness.toolchain.step import Artifact, BuildFailure, Step, run_step

PROFILE = "code.profdata"
Made = Artifact | BuildFailure
IrForm = Literal["bitcode", "text"]
IrStage = Literal["unoptimized", "optimized", "pre_link"]

_STAGE_FLAGS: dict[str, tuple[str, ...]] = {
    # At -O0 clang would mark every function so that no later pass may touch it.
    "unoptimized": ("-Xclang", "-disable-llvm-passes", "-Xclang", "-disable-O0-optnone"),
    "optimized": (),
    "pre_link": ("-flto",),
}
_WIDE_BYTE = re.compile(rb"(\bmovi\s+v\d+\.(?:8|16)b, 0x)f{14}([89a-f][0-9a-f])\b")
_BITCODE = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")


@dataclass(frozen=True)
class Source:
    """A C file with what it may include and the profile it is compiled with."""

    name: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    """Name and text of the files beside it."""
    profile: bytes | None = None
    """An indexed profile for the front end's `-fprofile-use`."""
    project: Project = ALONE
    """What surrounds it in the program that it belongs to."""

    @property
    def inputs(self) -> tuple[tuple[str, bytes], ...]:
        """The files the compiler sees."""
        files = [(name, text.encode()) for name, text in (*self.headers, (self.name, self.text))]
        profile = [(PROFILE, self.profile)] if self.profile is not None else []
        return (*files, *self.project.tree, *profile)

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags that go with it."""
        use = () if self.profile is None else (f"-fprofile-use={PROFILE}",)
        return (*self.project.flags_for(self.name), *use)


@dataclass(frozen=True)
class Passes:
    """What `opt` is to do."""

    pipeline: str
    """As `opt -passes=` takes it, e.g. `default<O3>`."""
    options: tuple[str, ...] = ()
    """Further options, e.g. `-inline-threshold=500`."""
    profile: bytes | None = None
    """An indexed profile, for pipelines that use one."""

    @property
    def inputs(self) -> tuple[tuple[str, bytes], ...]:
        """The files `opt` sees beside the module."""
        return () if self.profile is None else ((PROFILE, self.profile),)

    @property
    def flags(self) -> tuple[str, ...]:
        """How `opt` is told."""
        use = ("-pgo-kind=pgo-instr-use-pipeline", f"-profile-file={PROFILE}")
        return (f"-passes={self.pipeline}", *self.options, *(use if self.profile else ()))


def compile_to_ir(
    setting: Setting,
    source: Source,
    flags: Sequence[str],
    stage: IrStage = "unoptimized",
    form: IrForm = "bitcode",
) -> Made:
    """Compile C to LLVM IR with clang.

    Args:
        setting: A clang, and what code is for.
        source: The C file.
        flags: Front-end flags such as `-O3`; also decide the attributes of unoptimized IR.
        stage: Before all passes, after them, or after those that precede link-time optimization.
        form: Bitcode for further constituents; text keeps the names of values.
    """
    readable = ("-S", "-fno-discard-value-names") if form == "text" else ("-c",)
    output = "out.ll" if form == "text" else "out.bc"
    args = (*setting.c_flags, *source.flags, *flags, *_STAGE_FLAGS[stage], "-emit-llvm", *readable)
    return _compile(setting, source, (*args, source.name, "-o", output), output)


def compile_to_asm(setting: Setting, source: Source, flags: Sequence[str]) -> Made:
    """Compile C to assembly with the whole compiler, clang or gcc."""
    args = (*setting.c_flags, *source.flags, *flags, "-S", source.name, "-o", "out.s")
    return _compile(setting, source, args, "out.s")


def optimize(
    setting: Setting,
    ir: bytes,
    passes: Passes,
    *,
    attributes: CpuAttributes | None = None,
    form: IrForm = "bitcode",
) -> Made:
    """Run a pass pipeline with the `opt` of the compiler's version.

    Args:
        setting: The compiler, and what code is for.
        ir: A module, bitcode or text.
        passes: The pipeline and its options.
        attributes: Instruction set of functions that name none; for IR that clang did not write.
        form: Form of the result.
    """
    output = "out.ll" if form == "text" else "out.bc"
    target = () if attributes is None else target_options(setting, attributes)
    readable = ("-S",) if form == "text" else ()
    inputs = (*module_input(ir), *passes.inputs)
    return run_step(
        setting.context,
        Step(
            stage="optimizer",
            tool=own_tool(setting, setting.compiler.tools.opt, "opt"),
            args=(*passes.flags, *target, *readable, inputs[0][0], "-o", output),
            inputs=inputs,
            output=output,
            depends=(setting.isa.cpu,),
        ),
    )


def generate(
    setting: Setting,
    ir: bytes,
    options: Sequence[str] = ("-O3",),
    *,
    attributes: CpuAttributes | None = None,
) -> Made:
    """Generate assembly from IR with the `llc` of the compiler's version.

    The fixed options are those that clang itself sets; one that `options` gives too is left out.
    """
    fixed = ("--relocation-model=pic", "--function-sections", "--data-sections")
    target = () if attributes is None else target_options(setting, attributes)
    given = {_option_name(option) for option in options}
    # The x86 backend has no such setting and warns, which would hide the first real message.
    contract = () if setting.isa.arch == "x86_64" else ("--fp-contract=off",)
    added = [o for o in (*fixed, *contract, *target) if _option_name(o) not in given]
    inputs = module_input(ir)
    return run_step(
        setting.context,
        Step(
            stage="code generator",
            tool=own_tool(setting, setting.compiler.tools.llc, "llc"),
            args=(*options, *added, inputs[0][0], "-o", "out.s"),
            inputs=inputs,
            output="out.s",
            depends=(setting.isa.cpu,),
        ),
    )


def link_modules(setting: Setting, modules: Sequence[bytes]) -> Made:
    """Merge IR modules into one with the `llvm-link` of the compiler's version."""
    inputs = tuple((f"module{i}.bc", module) for i, module in enumerate(modules))
    return run_step(
        setting.context,
        Step(
            stage="module linker",
            tool=own_tool(setting, setting.compiler.tools.link, "llvm-link"),
            args=(*(name for name, _ in inputs), "-o", "out.bc"),
            inputs=inputs,
            output="out.bc",
        ),
    )


def assemble(setting: Setting, asm: bytes) -> Made:
    """Assemble to an object file.

    clang's own assembler where the compiler is a clang: the one of another version pads loops
    differently. gcc's output goes to the pinned one.
    """
    compiler = setting.compiler
    if compiler.kind != "clang":
        compiler = setting.context.compilers.pinned
        asm = respelled(asm)
    args = (f"--target={setting.isa.triple}", f"-march={setting.isa.march}", "-c", "in.s")
    return run_step(
        setting.context,
        Step(
            stage="assembler",
            tool=compiler.driver,
            args=("-fno-crash-diagnostics", *args, "-o", "out.o"),
            inputs=(("in.s", asm),),
            output="out.o",
            depends=(setting.isa.cpu,),
        ),
    )


def respelled(asm: bytes) -> bytes:
    """Return gcc's assembly with byte constants as clang's assembler reads them.

    For AArch64 gcc writes a vector's negative byte with 64 bits, which only GNU as takes.
    """
    return _WIDE_BYTE.sub(rb"\1\2", asm)


def _compile(setting: Setting, source: Source, args: tuple[str, ...], output: str) -> Made:
    return run_step(
        setting.context,
        Step(
            stage="front end",
            tool=setting.compiler.driver,
            args=args,
            inputs=source.inputs,
            output=output,
            links=setting.headers,
            depends=setting.depends,
        ),
    )


def module_input(ir: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return a module as the one input of a step, named by its form."""
    return (("module.bc" if ir.startswith(_BITCODE) else "module.ll", ir),)


def target_options(setting: Setting, attributes: CpuAttributes) -> tuple[str, ...]:
    """Return how LLVM's tools are told what code is for."""
    triple = f"-mtriple={setting.isa.arch}-unknown-linux-musl"
    features = (f"-mattr={attributes.features}",) if attributes.features else ()
    return (triple, f"-mcpu={attributes.cpu}", *features)


def _option_name(option: str) -> str:
    return re.sub(r"^-+", "", option).partition("=")[0]


def own_tool(setting: Setting, tool: Executable | None, name: str) -> Executable:
    """Return a tool of the compiler's version.

    Raises:
        MissingToolError: if it is not installed.
    """
    if tool is None:
        compiler = setting.compiler
        raise MissingToolError(
            f"{compiler.id} has no {name} of its own version"
            + (f"; install the package llvm-{compiler.major}" if compiler.kind == "clang" else "")
        )
    return tool
