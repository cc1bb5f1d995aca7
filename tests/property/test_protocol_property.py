"""The text protocol takes any text: whatever a model says, something is returned."""

import json
from typing import get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.support.hostile_answers import C_SOURCE, FUNCTION, HOSTILE, original

from coopbench.agents.backends.model import Answer, Provenance, StopReason
from coopbench.agents.backends.volatile import volatile
from coopbench.agents.protocol.asm import asm_view, splice_asm
from coopbench.agents.protocol.asm_text import Arch
from coopbench.agents.protocol.blocks import split
from coopbench.agents.protocol.fence import fenced
from coopbench.agents.protocol.ir import ir_view, splice_ir
from coopbench.agents.protocol.malformed import Malformation
from coopbench.agents.protocol.recipe_edits import (
    add_attributes,
    codegen_option_objection,
    pass_option_objection,
    pipeline_objection,
)
from coopbench.agents.protocol.reply import Language, Reply, read_reply
from coopbench.agents.protocol.splice_c import c_function, c_functions, splice_c
from coopbench.agents.protocol.strict_json import read_object

ARCHES: tuple[Arch, ...] = get_args(Arch)
PIECES = (
    *"{}()[]<>;,:.=#%@!*&|^~+-/\\\"'`$ \t\n",
    *("```", "~~~", "```c\n", "\n```\n", "```json\n", "<think>", "</think>", '{"a": ', "1}", "NaN"),
    *("define void @hist_skew(", "ptr %data", "i64 %n", "ptr %counts", ") {\n", "}\n", "entry:\n"),
    *("ret void\n", "br label %entry\n", ", !tbaa !5", "declare ", "@llvm.ctpop.i64(", "phi ptr "),
    *("hist_skew:", ".LBB0_1:", "\tmovq\t%rdi, %rax", "\tret\n", ".section .rodata", ".p2align 4"),
    *("void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)", "static ", "const "),
    *("#include <stdint.h>\n", "#define X", "#if 1\n", "/*", "*/", "//", "struct s", "0x1"),
    *("\u00e9", "\ud800", "\\ud800", "\0", "\u202e", "\r\n", "\ufeff"),
)
TOKENS = st.sampled_from(PIECES)
SOUP = st.lists(TOKENS, max_size=60).map("".join)
BYTES = st.binary(max_size=300).flatmap(
    lambda b: st.sampled_from(
        [b.decode("utf-8", "surrogateescape"), b.decode("utf-8", "replace"), b.decode("latin-1")]
    )
)
ANYTHING = st.one_of(st.text(), BYTES, SOUP)
ORIGIN = Provenance(kind="script", detail="test")


def answer(text: str, stop: StopReason = "end") -> Answer:
    """Return an answer that a backend would return."""
    made = Answer(text="", stop=stop, usage=None, model="", provenance=ORIGIN)
    return made.model_copy(update={"text": text})  # a text that pydantic would refuse, too


@st.composite
def damaged(draw: st.DrawFn, *texts: str) -> str:
    """Return one of the texts with pieces cut out, doubled, or replaced by anything."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 80)))
        piece = draw(st.one_of(st.just(""), ANYTHING, st.just(text[start:end] * 2)))
        text = text[:start] + piece + text[end:]
    return text


IR = {arch: original("ir", arch) for arch in ARCHES}
ASM = {arch: original("asm", arch) for arch in ARCHES}
IR_VIEWS = tuple(ir_view(IR[arch], FUNCTION).text for arch in ARCHES)
ASM_VIEWS = {arch: asm_view(ASM[arch], FUNCTION, arch).text for arch in ARCHES}
ANSWERS = tuple(h.text for h in HOSTILE if len(h.text) < 2000)


@given(
    ANYTHING | damaged(*ANSWERS),
    st.sampled_from(get_args(StopReason)),
    st.sampled_from([None, *get_args(Language)]),
    st.booleans(),
)
@settings(max_examples=400)
def test_any_answer_is_read(
    text: str, stop: StopReason, language: Language | None, required: bool
) -> None:
    """An answer becomes a reply or a malformation with a message, and both can be stored."""
    found = read_reply(answer(text, stop), language, code_required=required)
    if isinstance(found, Malformation):
        assert found.message.strip()
        found.message.encode()
        return
    assert isinstance(found, Reply)
    assert stop == "end"
    assert (found.code is not None) or language is None or not required
    json.dumps(found.data, allow_nan=False).encode()
    f"{found.code}{found.prose}".encode()


@given(ANYTHING | damaged(C_SOURCE))
@example("void hist_skew(const uint8_t *data, size_t n, uint32_t *counts) {")
@example("int f(" * 3000)
@example("int (*" * 3000 + "x")
@settings(max_examples=300)
def test_any_text_is_spliced_or_refused_as_c(text: str) -> None:
    """Whatever is given as C, the file still defines the function once, or there is a message."""
    found = splice_c(C_SOURCE, FUNCTION, text)
    if isinstance(found, Malformation):
        assert found.message.strip()
    else:
        found.encode()
        assert [f.name for f in c_functions(found)].count(FUNCTION) == 1
    c_functions(text)
    c_function(text, FUNCTION)


@given(st.sampled_from(ARCHES), ANYTHING | damaged(*IR_VIEWS))
@settings(max_examples=300)
def test_any_text_is_spliced_or_refused_as_ir(arch: Arch, text: str) -> None:
    """Whatever is given as IR, all other lines of the module stay, or there is a message."""
    found = splice_ir(IR[arch], FUNCTION, text)
    if isinstance(found, Malformation):
        assert found.message.strip()
        return
    found.encode()
    assert ir_view(found, FUNCTION).text
    for line in IR[arch].split("\n"):
        if line.startswith(("target", "declare", "attributes", "!")):
            assert line in found


@given(st.sampled_from(ARCHES), st.data())
@settings(max_examples=300)
def test_any_text_is_spliced_or_refused_as_assembly(arch: Arch, data: st.DataObject) -> None:
    """Whatever is given as assembly, only known directives reach the file, or there is a message."""
    text = data.draw(ANYTHING | damaged(ASM_VIEWS[arch]))
    found = splice_asm(ASM[arch], FUNCTION, text, arch)
    if isinstance(found, Malformation):
        assert found.message.strip()
        return
    found.encode()
    before = {line.split()[0] for line in ASM[arch].split("\n") if line.strip().startswith(".")}
    for line in found.split("\n"):
        if line.strip().startswith(".") and not line.strip().endswith(":"):
            word = line.split()[0]
            known = {".pushsection", ".popsection", ".p2align", ".zero", ".space", ".skip"}
            assert word in before | known or word in {".byte", ".long", ".quad", ".word", ".int"}


@given(ANYTHING)
def test_any_text_as_recipe_is_judged(text: str) -> None:
    """Pipelines, options and attributes are judged whatever they are."""
    for judge in (pipeline_objection, pass_option_objection, codegen_option_objection):
        said = judge(text)
        assert said is None or said.strip()
    found = add_attributes(IR["x86_64"], FUNCTION, [text])
    assert isinstance(found, str | Malformation)


@given(st.text() | SOUP, st.sampled_from(["c", "llvm", "asm", "text"]))
def test_a_fence_holds_what_is_in_it(text: str, language: str) -> None:
    """Whatever a program's text says, it comes out of its fence as it went in."""
    assume("\r" not in text)
    assume("\ud800" not in text)
    marked = fenced(language, text + volatile("seconds", "1.5"))
    blocks, _ = split(marked)
    whole = [b for b in blocks if b.language == language]
    if language != "text" or ("```" not in text and "~~~" not in text):
        assert len(whole) == 1
        assert whole[0].closed
        assert "\ue000" not in marked
        plain = "".join(c for c in text if not "\ue000" <= c <= "\ue002")
        assert whole[0].text.startswith(plain.rstrip("\n"))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_plain_json_is_read_as_it_is(value: dict[str, object]) -> None:
    """Every object that plain JSON can write is read without a change."""
    text = json.dumps(value, ensure_ascii=False)
    assume(not any("\ue000" <= c <= "\ue002" for c in text))
    assume(not any("\ud800" <= c <= "\udfff" for c in text))
    assert read_object(text) == json.loads(text)


@given(ANYTHING)
def test_any_text_is_judged_as_json(text: str) -> None:
    """Text is an object without surprises, or there is a reason why not."""
    found = read_object(text)
    assert isinstance(found, dict) or found.strip()


@given(st.data())
def test_new_comments_alone_are_an_echo(data: st.DataObject) -> None:
    """Comments and blank lines anywhere between the lines of the input change nothing."""
    arch = data.draw(st.sampled_from(ARCHES))
    cases = (
        (C_SOURCE[C_SOURCE.index("void") :], "/* note */"),
        (ir_view(IR[arch], FUNCTION).text, "; note"),
        (ASM_VIEWS[arch], "// note" if arch == "aarch64" else "# note"),
    )
    splice = (
        lambda code: splice_c(C_SOURCE, FUNCTION, code),
        lambda code: splice_ir(IR[arch], FUNCTION, code),
        lambda code: splice_asm(ASM[arch], FUNCTION, code, arch),
    )
    at = data.draw(st.integers(0, 2))
    text, mark = cases[at]
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 5))):
        lines.insert(
            data.draw(st.integers(0, len(lines))), data.draw(st.sampled_from([mark, "", "  "]))
        )
    found = splice[at]("\n".join(lines))
    assert isinstance(found, Malformation)
    assert found.kind == "echo", found


@pytest.mark.parametrize("arch", ARCHES)
def test_two_splices_of_one_answer_are_the_same(arch: Arch) -> None:
    """Splicing depends on nothing but its arguments."""
    code = ASM_VIEWS[arch].replace("\tret", "\tnop\n\tret")
    first, second = (splice_asm(ASM[arch], FUNCTION, code, arch) for _ in range(2))
    assert isinstance(first, str)
    assert first == second
