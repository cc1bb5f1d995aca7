"""Pure text work: retargeting IR, reading disassembly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.toolchain.disassembly import instructions
from coopbench.harness.toolchain.setting import CpuAttributes, retarget

V2 = CpuAttributes("x86-64-v2", "+sse4.2,+ssse3", "generic")
IR = b"""@s = constant [4 x i8] c"\\22target-cpu\\22=\\22x\\22"
define void @f() #0 { ret void }
attributes #0 = { nounwind "target-cpu"="znver5" "target-features"="+avx512f" "tune-cpu"="znver5" }
"""


def test_retarget_replaces_every_attribute() -> None:
    """A module cannot ask for other instructions than the target has; strings stay as they are."""
    result = retarget(IR, V2)
    assert (
        b'"target-cpu"="x86-64-v2" "target-features"="+sse4.2,+ssse3" "tune-cpu"="generic"'
        in result
    )
    assert b"avx512" not in result
    assert b"znver5" not in result
    assert result.splitlines()[0] == IR.splitlines()[0]


def test_retarget_removes_what_the_target_does_not_name() -> None:
    """Without a tuning of the target's own, the module's tuning goes."""
    result = retarget(IR, CpuAttributes("generic", None, None))
    assert b'"target-cpu"="generic"' in result
    assert b"target-features" not in result
    assert b"tune-cpu" not in result


@given(st.binary())
def test_retarget_is_idempotent(text: bytes) -> None:
    """Retargeting twice is retargeting once, and never fails, whatever the text."""
    once = retarget(text + IR, V2)
    assert retarget(once, V2) == once


OBJDUMP = """
in.o:	file format elf64-x86-64

Disassembly of section .text.f:

<f>:
	xorl	%eax, %eax
	nopw	%cs:(%rax,%rax)
	nop
	callq	0x9 <f+0x9>
		R_X86_64_PLT32	g-0x4
	retq

Disassembly of section .text.g:

<g>:
	retq
"""


def test_functions_are_told_apart() -> None:
    """Instructions and relocations are listed per function."""
    found = instructions(OBJDUMP)
    assert found == {
        ".text.f f": (
            "xorl\t%eax, %eax",
            "callq\t0x9 <f+0x9>",
            "R_X86_64_PLT32\tg-0x4",
            "retq",
        ),
        ".text.g g": ("retq",),
    }


@pytest.mark.parametrize(
    "padding", ["nop", "nopl\t(%rax)", "nopw\t%cs:(%rax,%rax)", "xchgw\t%ax, %ax"]
)
def test_padding_is_no_instruction(padding: str) -> None:
    """However an assembler fills a gap, the code counts as the same."""
    assert instructions(OBJDUMP.replace("\tnop\n", f"\t{padding}\n")) == instructions(OBJDUMP)


def test_changed_instruction_shows() -> None:
    """One other operand is another function."""
    assert instructions(OBJDUMP.replace("%eax, %eax", "%ecx, %eax")) != instructions(OBJDUMP)
    assert instructions(OBJDUMP.replace("g-0x4", "h-0x4")) != instructions(OBJDUMP)
