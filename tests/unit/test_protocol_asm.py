"""Assembly answers: what is shown of a function, what goes back into the file, what is refused."""

import re

import pytest
from tests.support.hostile_answers import original

from coopbench.agents.protocol.asm import asm_functions, asm_view, splice_asm
from coopbench.agents.protocol.asm_text import Arch
from coopbench.agents.protocol.malformed import Malformation, Malformed

FILE = """\t.file\t"kernel.c"
\t.section\t.rodata.cst16,"aM",@progbits,16
\t.p2align\t4, 0x0
.LCPI0_0:
\t.long\t1                               # 0x1
\t.long\t2                               # 0x2
\t.section\t.text.pick,"ax",@progbits
\t.globl\tpick                            # -- Begin function pick
\t.p2align\t4
\t.type\tpick,@function
pick:                                   # @pick
\t.cfi_startproc
# %bb.0:
\tpushq\t%rbx
\t.cfi_def_cfa_offset 16
\tmovaps\t.LCPI0_0(%rip), %xmm0
\tcmpl\t$2, %edi
\tja\t.LBB0_3
\tleaq\t.LJTI0_0(%rip), %rax
\tmovslq\t(%rax,%rdi,4), %rcx
\taddq\t%rax, %rcx
\tjmpq\t*%rcx
\t.p2align\t4
.LBB0_1:                                # =>This Inner Loop Header: Depth=1
\tmovl\ttable(%rip), %eax
\tjmp\t.LBB0_3
.LBB0_2:
\txorl\t%eax, %eax
.LBB0_3:
\tpopq\t%rbx
\t.cfi_def_cfa_offset 8
\tretq
.Lfunc_end0:
\t.size\tpick, .Lfunc_end0-pick
\t.cfi_endproc
\t.section\t.rodata,"a",@progbits
\t.p2align\t2, 0x0
.LJTI0_0:
\t.long\t.LBB0_1-.LJTI0_0
\t.long\t.LBB0_2-.LJTI0_0
                                        # -- End function
\t.section\t.text.other,"ax",@progbits
\t.type\tother,@function
other:
\t.cfi_startproc
.LBB1_1:
\tjmp\t.LBB1_1
.Lfunc_end1:
\t.size\tother, .Lfunc_end1-other
\t.cfi_endproc
\t.type\ttable,@object
\t.section\t.rodata.table,"a",@progbits
table:
\t.long\t5
\t.size\ttable, 4
\t.section\t".note.GNU-stack","",@progbits
\t.addrsig
"""
VIEW = asm_view(FILE, "pick", "x86_64").text
CODE = VIEW.partition("# constants")[0]
NEW = "pick:\n\tmovl\t%edi, %eax\n\tretq\n"


def spliced(code: str, file: str = FILE, arch: Arch = "x86_64") -> str:
    """Return the file with an answer that must fit."""
    found = splice_asm(file, "pick", code, arch)
    assert isinstance(found, str), found
    return found


def refused(code: str) -> Malformation:
    """Return what is wrong with an answer."""
    found = splice_asm(FILE, "pick", code, "x86_64")
    assert isinstance(found, Malformation), found
    return found


def test_a_view_shows_instructions_labels_and_constants() -> None:
    """No directives but alignments, no comments, no labels that nobody uses; tables as comments."""
    assert asm_functions(FILE) == ("pick", "other")
    assert CODE.startswith("pick:\n\tpushq\t%rbx\n\tmovaps")
    assert CODE.rstrip().endswith("\tretq")
    assert ".cfi" not in VIEW
    assert "Loop Header" not in VIEW
    assert CODE.count(".p2align") == 1
    assert "# .LCPI0_0:\n# .long 1 # 0x1" in VIEW
    assert "# .LJTI0_0:\n# .long .LBB0_1-.LJTI0_0" in VIEW
    assert "other" not in VIEW


def test_only_the_functions_body_is_replaced() -> None:
    """Symbol directives stay, unwind directives of this function go, tables nobody uses go."""
    made = spliced(NEW)
    body = made[made.index("pick:") : made.index(".Lfunc_end0:")]
    assert body.strip() == NEW.strip()
    for line in ("\t.globl\tpick", "\t.type\tpick,@function", "\t.size\tpick, .Lfunc_end0-pick"):
        assert line in made
    assert made.count(".cfi_startproc") == made.count(".cfi_endproc") == 1
    assert ".LJTI0_0" not in made
    assert ".LCPI0_0:" not in made
    assert (
        made[made.index("\t.section\t.text.other") :]
        == FILE[FILE.index("\t.section\t.text.other") :]
    )


def test_tables_that_are_used_keep_their_labels() -> None:
    """A jump table's targets must stay as long as the table is used."""
    kept = spliced(CODE.replace("\txorl\t%eax, %eax", "\tmovl\t$0, %eax"))
    assert ".LJTI0_0:" in kept
    assert ".LCPI0_0:" in kept
    lost = refused(CODE.replace(".LBB0_2:", ".Lzero:"))
    assert lost.kind is Malformed.CHANGED_SIGNATURE
    assert "'.LBB0_2' must stay" in lost.message


def test_usual_directives_of_a_whole_function_are_tolerated() -> None:
    """What is put back anyway may be there: the same file comes out."""
    whole = FILE[FILE.index("\t.section\t.text.pick") : FILE.index("\t.section\t.rodata,")]
    changed = whole.replace("\txorl\t%eax, %eax", "\tmovl\t$0, %eax")
    assert spliced(changed) == spliced(CODE.replace("\txorl\t%eax, %eax", "\tmovl\t$0, %eax"))
    assert refused(whole).kind is Malformed.ECHO
    tables = FILE[FILE.index("\t.section\t.rodata,") : FILE.index("\t.section\t.text.other")]
    assert refused(whole + tables).kind is Malformed.ECHO


def test_alignments_lose_their_fill_value() -> None:
    """With a fill value the assembler would fill code with single bytes."""
    for written, kept in {
        ".p2align\t4, 0x90": ".p2align\t4",
        ".p2align 4,,10": ".p2align\t4, , 10",
        ".p2align 5, 0x90, 15": ".p2align\t5, , 15",
        ".align 16": ".p2align\t4",
        ".balign 32": ".p2align\t5",
    }.items():
        made = spliced(f"pick:\n\tnop\n\t{written}\n1:\tjmp 1b\n")
        assert f"\tnop\n\t{kept}\n1:\n\tjmp\t1b\n" in made
    arm = "pick:\n\tnop\n\t.align 4\n1:\tb 1b\n"
    assert "\t.p2align\t4\n1:\n\tb\t1b" in spliced(arm, arch="aarch64")


def test_constants_get_a_section_of_their_own() -> None:
    """Numbers behind .rodata are put away so that code stays in its section."""
    code = (
        'pick:\n\tmovaps\t.Lmine(%rip), %xmm0\n\tretq\n\t.section\t.rodata.cst16,"aM",@progbits,16\n'
        "\t.p2align\t4\n.Lmine:\n\t.long\t1, 0x2, -3, 1.5\n\t.quad\t.Lmine-.Lmine\n\t.text\n"
    )
    made = spliced(code)
    table = made[made.index("\t.pushsection") : made.index("\t.popsection")]
    assert '.rodata.pick,"a",@progbits' in table
    assert "\t.long\t1, 0x2, -3, 1.5\n" in table
    assert made.index("\t.popsection") < made.index(".Lfunc_end0:")


def test_an_edit_of_an_edited_file_replaces_its_tables() -> None:
    """Constants of an earlier answer are shown, used again, or go with their function."""
    first = spliced(
        "pick:\n\tmovaps\t.Lmine(%rip), %xmm0\n\tretq\n\t.section\t.rodata\n.Lmine:\n\t.quad\t1, 2\n"
    )
    view = asm_view(first, "pick", "x86_64").text
    assert "# .Lmine:" in view
    assert "# .quad 1, 2" in view
    second = spliced(view.replace("\tretq", "\tnop\n\tretq"), first)
    assert second.count(".Lmine:") == 1
    assert "\t.quad\t1, 2" in second
    third = spliced(
        view.replace("\tretq", "\tnop\n\tretq\n\t.section .rodata\n.Lnew:\n\t.quad 7\n"), first
    )
    assert third.count(".Lmine:") == third.count(".Lnew:") == 1


def test_labels_of_other_functions_are_taken() -> None:
    """Local labels are one space for the whole file; numbers may repeat."""
    found = refused("pick:\n.LBB1_1:\n\tjmp .LBB1_1\n")
    assert found.kind is Malformed.TWO_CANDIDATES
    assert "'.LBB1_1' is used elsewhere" in found.message
    numbered = spliced("pick:\n1:\n\tjmp 1b\n1:\n\tjmp 1b\n")
    assert numbered.count("1:\n\tjmp\t1b") == 2


def test_comments_and_several_statements_a_line() -> None:
    """Every statement is written on a line of its own, comments are gone."""
    code = "pick: movl %edi,   %eax ; /* a\nb */ incl %eax # c\n\tlock; incl (%rsi) // d\n\tretq"
    made = spliced(code)
    wanted = "pick:\n\tmovl\t%edi, %eax\n\tincl\t%eax\n\tlock\n\tincl\t(%rsi)\n\tretq\n"
    assert wanted in made


def test_symbols_that_look_like_registers() -> None:
    """A variable may be called like a register of another architecture."""
    file = FILE.replace("table", "x1")
    assert "movl\tx1(%rip), %eax" in spliced("pick:\n\tmovl x1(%rip), %eax\n\tretq\n", file)
    assert refused("pick:\n\tmovl x1(%rip), %eax\n\tretq\n").kind is Malformed.WRONG_LANGUAGE


def test_jump_tables_within_functions() -> None:
    """gcc puts tables between the lines of a function; they are shown apart and put back."""
    gcc = re.sub(
        r"\tjmpq\t\*%rcx\n",
        "\tjmpq\t*%rcx\n\t.section\t.rodata\n\t.align 4\n.L9:\n\t.long\t.LBB0_1-.L9\n"
        '\t.section\t.text.pick,"ax",@progbits\n',
        FILE,
    ).replace(".LJTI0_0(%rip)", ".L9(%rip)")
    view = asm_view(gcc, "pick", "x86_64").text
    assert "# .L9:\n# .long .LBB0_1-.L9" in view
    made = spliced(view.replace("\txorl\t%eax, %eax", "\tmovl\t$0, %eax"), gcc)
    table = made[made.index("\t.pushsection\t.rodata") : made.index("\t.popsection")]
    assert ".L9:" in table
    assert made.index("\t.popsection") < made.index(".Lfunc_end0:")


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_real_functions_come_back(arch: Arch) -> None:
    """A compiler's function with one instruction more is the file with that line more."""
    file = original("asm", arch)
    mark = "\tretq" if arch == "x86_64" else "\tret"
    view = asm_view(file, "hist_skew", arch).text
    made = splice_asm(file, "hist_skew", view.replace(mark, f"\tnop\n{mark}"), arch)
    assert isinstance(made, str)
    again = asm_view(made, "hist_skew", arch).text
    assert again == view.replace(mark, f"\tnop\n{mark}")


def test_an_unknown_function_is_the_callers_mistake() -> None:
    """The file must define the function; that is no fault of the answer."""
    with pytest.raises(KeyError):
        splice_asm(FILE, "nothing", NEW, "x86_64")
    with pytest.raises(KeyError):
        asm_view(FILE, "nothing", "x86_64")
