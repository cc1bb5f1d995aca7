"""Shown functions go back into their files: renamed, they build to the very same machine code."""

import re
from collections.abc import Callable, Iterator

import pytest

from coopbench.agents.protocol.asm import asm_functions, asm_view, splice_asm
from coopbench.agents.protocol.ir import ir_functions, ir_view, splice_ir
from coopbench.agents.protocol.ir_attributes import add_attributes
from coopbench.agents.protocol.ir_claims import FUNCTION_ATTRIBUTES, PARAMETER_ATTRIBUTES
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.splice_c import c_function, c_functions, splice_c
from coopbench.harness.base import Level
from coopbench.harness.compose import open_builder
from coopbench.harness.executables import Executables, Made
from coopbench.harness.model import Candidate
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.suite import find_suite
from coopbench.harness.toolchain.build import Builder, Built
from coopbench.harness.toolchain.disassembly import disassemble
from coopbench.harness.toolchain.host import find_target, read_host
from coopbench.harness.tools.lowering import Lowered, lower
from coopbench.harness.verify.prelude import with_prototype

pytestmark = pytest.mark.e2e

SUITE = find_suite("curated")
BENCHMARKS = {b.name: b for b in SUITE.benchmarks}
TARGETS = ("x86-64-v2", "armv8-a")
UNOPTIMIZED = "function(verify)"
Open = Callable[[str, str], Executables]


@pytest.fixture(scope="module")
def builder() -> Builder:
    """Return the builder that runs use, with confined compilers."""
    return open_builder(open_sandbox())


@pytest.fixture(scope="module")
def opened(builder: Builder) -> Iterator[Open]:
    """Return a function that opens a benchmark's executables for a target."""
    made: list[Executables] = []

    def start(benchmark: str, target: str) -> Executables:
        found = find_target(target, read_host())
        made.append(Executables(builder, BENCHMARKS[benchmark], found))
        return made[-1]

    yield start
    for executables in made:
        executables.close()


def original(name: str) -> Candidate:
    """Return a benchmark's own sources as a candidate."""
    return Candidate(benchmark=name, level=Level.C, files=BENCHMARKS[name].files, made_by="test")


def lowered(executables: Executables, name: str, to: Level, passes: str | None = None) -> Candidate:
    """Return a benchmark's own sources as text of a lower level."""
    made = lower(executables, original(name), to, passes)
    assert isinstance(made, Lowered), made
    return made.candidate


def code_of(executables: Executables, candidate: Candidate) -> str:
    """Return the hash of a candidate's executable."""
    made = executables.make(with_prototype(executables.parts.benchmark, candidate))
    assert isinstance(made, Made), made
    return made.sha256


def with_file(candidate: Candidate, file: str, text: str, **recipe: object) -> Candidate:
    """Return a candidate with one file and parts of its recipe replaced."""
    changed = candidate.recipe.model_copy(update=recipe)
    files = {**candidate.files, file: text}
    return candidate.model_copy(update={"files": files, "recipe": changed})


def spliced(found: str | Malformation) -> str:
    """Return the file that an answer was spliced into."""
    assert isinstance(found, str), found
    return found


def renamed_ir(text: str) -> str:
    """Return an IR function with another name for every label, and with a comment."""
    for label in re.findall(r"^([-\w.$]+):", text, re.MULTILINE):
        text = re.sub(rf"^{re.escape(label)}:", f"re.{label}:", text, flags=re.MULTILINE)
        text = re.sub(rf"%{re.escape(label)}(?![-\w.$])", f"%re.{label}", text)
    return text.replace("{\n", "{\n; the same in other words\n", 1)


def renamed_asm(text: str) -> str:
    """Return an assembly function with another name for every label that no table mentions."""
    code, _, tables = text.partition("constants, kept as they are")
    for label in re.findall(r"^(\.L[\w.$]+):", code, re.MULTILINE):
        if label not in tables:
            code = re.sub(rf"{re.escape(label)}(?![\w.$])", f"{label}_new", code)
    return f"{code.rstrip().rstrip('#/')}\n/* the same in other words */\n"


COLD = {("csv_sum", "end_field"), ("dijkstra_scan", "fail")}
"""Functions whose callers are laid out by findings about the old body, which an edit drops."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_ir_goes_back_to_the_same_code(opened: Open, name: str, target: str) -> None:
    """Of every function of the suite: the view is an echo, with new labels it is the same code."""
    executables = opened(name, target)
    candidate = lowered(executables, name, Level.IR)
    wanted = code_of(executables, candidate)
    for file, module in candidate.files.items():
        for function in ir_functions(module):
            view = ir_view(module, function).text
            echo = splice_ir(module, function, view)
            assert isinstance(echo, Malformation)
            assert echo.kind is Malformed.ECHO
            text = spliced(splice_ir(module, function, renamed_ir(view)))
            same = code_of(executables, with_file(candidate, file, text)) == wanted
            assert same or (name, function) in COLD, function


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["gemm_ijk", "word_freq", "fir_alias"])
def test_unoptimized_ir_goes_back_to_the_same_code(opened: Open, name: str, target: str) -> None:
    """What the passes need to know (types, aliasing, loops) survives the exchange."""
    executables = opened(name, target)
    candidate = lowered(executables, name, Level.IR, UNOPTIMIZED)
    again = {"passes": "default<O3>"}
    wanted = code_of(
        executables, with_file(candidate, *next(iter(candidate.files.items())), **again)
    )
    for file, module in candidate.files.items():
        for function in ir_functions(module):
            code = renamed_ir(ir_view(module, function).text)
            text = spliced(splice_ir(module, function, code))
            assert code_of(executables, with_file(candidate, file, text, **again)) == wanted


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_assembly_goes_back_to_the_same_code(opened: Open, name: str, target: str) -> None:
    """Of every function of the suite: the view is an echo, with new labels it is the same code."""
    executables = opened(name, target)
    arch = executables.parts.target.arch
    candidate = lowered(executables, name, Level.ASM)
    wanted = sections_of(executables, candidate)
    for file, text in candidate.files.items():
        for function in asm_functions(text):
            view = asm_view(text, function, arch).text
            echo = splice_asm(text, function, view, arch)
            assert isinstance(echo, Malformation)
            assert echo.kind is Malformed.ECHO
            found = splice_asm(text, function, renamed_asm(view), arch)
            if isinstance(found, Malformation):
                assert found.kind is Malformed.ECHO, found
                assert not re.search(r"^\.L", view, re.MULTILINE), "nothing to rename"
                continue
            assert sections_of(executables, with_file(candidate, file, found)) == wanted, function


def sections_of(executables: Executables, candidate: Candidate) -> list[str]:
    """Return the disassembly of a candidate's objects: unwind tables do not count."""
    built = executables.parts.build(candidate)
    assert isinstance(built, Built), built
    context = executables.parts.builder.context
    return [disassemble(context, path).split("\n", 2)[2] for path in built.objects]


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_c_goes_back_to_the_same_file(name: str) -> None:
    """Of every function of the suite: alone or in its whole file, it is an echo or spliced exactly."""
    for text in BENCHMARKS[name].files.values():
        for function in c_functions(text):
            code = c_function(text, function.name)
            assert code is not None
            changed = code.replace("{", "{ (void)0;", 1)
            for answer in (code, text):
                echo = splice_c(text, function.name, answer)
                assert isinstance(echo, Malformation)
                assert echo.kind is Malformed.ECHO
            wanted = text.replace(code, changed)
            assert splice_c(text, function.name, changed) == wanted
            assert splice_c(text, function.name, wanted) == wanted


IR_EDIT = """
@.bit.table = private unnamed_addr constant [2 x i32] [i32 0, i32 1]
declare i64 @llvm.umin.i64(i64, i64)
define void @hist_skew(ptr noalias readonly %data, i64 %n, ptr nonnull align 4 %counts) {
entry:
  call void @llvm.memset.p0.i64(ptr align 4 %counts, i8 0, i64 1024, i1 false)
  %least = call i64 @llvm.umin.i64(i64 %n, i64 -1)
  %one.at = getelementptr inbounds i32, ptr @.bit.table, i64 1
  %one = load i32, ptr %one.at, align 4
  %some = icmp ne i64 %least, 0
  %bits = call i64 @llvm.ctpop.i64(i64 %n)
  br i1 %some, label %loop, label %done
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr inbounds i8, ptr %data, i64 %i
  %byte = load i8, ptr %p, align 1
  %wide = zext i8 %byte to i64
  %slot = getelementptr inbounds i32, ptr %counts, i64 %wide
  %old = load i32, ptr %slot, align 4
  %new = add i32 %old, %one
  store i32 %new, ptr %slot, align 4
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %least
  br i1 %more, label %loop, label %done
done:
  ret void
}
"""
X86_EDIT = """hist_skew:
	pushq	%rbx
	movq	%rdx, %rbx
	pxor	%xmm0, %xmm0
	pand	.Lmask(%rip), %xmm0
	xorl	%eax, %eax
.Lclear:
	movups	%xmm0, (%rbx,%rax); addq	$16, %rax  # two on a line
	cmpq	$1024, %rax
	jne	.Lclear
	testq	%rsi, %rsi
	je	2f
	.p2align	4, 0x90
1:	movzbl	(%rdi), %eax
	incl	(%rbx,%rax,4)
	incq	%rdi
	decq	%rsi
	jne	1b
2:	popq	%rbx
	retq
	.section	.rodata
	.balign	16
.Lmask:
	.long	0, 0, 0xffffffff, -1
"""
ARM_EDIT = """hist_skew:
	adrp	x9, .Lzeros
	ldr	q0, [x9, :lo12:.Lzeros]
	mov	x9, #0
.Lclear:
	str	q0, [x2, x9]
	add	x9, x9, #16
	cmp	x9, #1024
	b.ne	.Lclear
	cbz	x1, 2f
1:	ldrb	w8, [x0], #1
	ldr	w9, [x2, x8, lsl #2]
	add	w9, w9, #1
	str	w9, [x2, x8, lsl #2]
	subs	x1, x1, #1
	b.ne	1b
2:	ret
	.section	.rodata
	.p2align	4
.Lzeros:
	.quad	0, 0
"""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("level", [Level.IR, Level.ASM])
def test_a_real_rewrite_builds(opened: Open, level: Level, target: str) -> None:
    """Rewrites with intrinsics, tables and claims become other machine code than the original's."""
    executables = opened("hist_skew", target)
    arch = executables.parts.target.arch
    candidate = lowered(executables, "hist_skew", level)
    file, text = next(iter(candidate.files.items()))
    if level is Level.IR:
        made = spliced(splice_ir(text, "hist_skew", IR_EDIT))
    else:
        edit = X86_EDIT if arch == "x86_64" else ARM_EDIT
        made = spliced(splice_asm(text, "hist_skew", edit, arch))
    assert code_of(executables, with_file(candidate, file, made)) != code_of(executables, candidate)


@pytest.mark.parametrize("target", TARGETS)
def test_every_claim_is_valid_ir(opened: Open, target: str) -> None:
    """Each attribute that may be claimed is one that the pinned LLVM takes where it is put."""
    executables = opened("hist_skew", target)
    candidate = lowered(executables, "hist_skew", Level.IR)
    file, module = next(iter(candidate.files.items()))
    claims = [[a] for a in sorted(FUNCTION_ATTRIBUTES)]
    claims += [[f"{a} param 0"] for a in sorted(PARAMETER_ATTRIBUTES - {"returned"})]
    claims += [["align 16 param 2"], ["dereferenceable(1024) %counts"], ["align 4 param 0", "cold"]]
    for claim in claims:
        made = add_attributes(module, "hist_skew", claim)
        if isinstance(made, Malformation):
            assert made.kind is Malformed.ECHO, claim
            continue
        code_of(executables, with_file(candidate, file, made))
        assert claim[0].split(" param")[0].split(" %")[0] in made
