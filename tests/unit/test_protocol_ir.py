"""IR answers: what is shown of a function, what comes back into the module, what is refused."""

import pytest
from tests.support.hostile_answers import LOWERED

from coopbench.agents.protocol.ir import ir_functions, ir_view, splice_ir
from coopbench.agents.protocol.ir_attributes import add_attributes
from coopbench.agents.protocol.malformed import Malformation, Malformed

MODULE = """; ModuleID = 'kernel.c'
source_filename = "kernel.c"
target datalayout = "e-m:e"
target triple = "x86_64-unknown-linux-musl"

%struct.pair = type { i32, i32 }
%struct.other = type { i8 }

@table = internal unnamed_addr constant [2 x i32] [i32 1, i32 2], align 4
@unused = internal constant i32 7

; Function Attrs: nofree nounwind memory(argmem: readwrite) uwtable
define dso_local i32 @sum(ptr noundef readonly captures(none) %x, i64 noundef %n) local_unnamed_addr #0 {
entry:
  %first = load i32, ptr @table, align 4, !tbaa !5
  %empty = icmp eq i64 %n, 0
  br i1 %empty, label %exit, label %loop, !prof !9

loop:                                             ; preds = %loop, %entry
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %s = phi i32 [ %first, %entry ], [ %t, %loop ]
  %p = getelementptr inbounds i32, ptr %x, i64 %i
  %v = load i32, ptr %p, align 4, !tbaa !5, !range !10
  %t = add i32 %s, %v
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %exit, !llvm.loop !7

exit:                                             ; preds = %loop, %entry
  %r = phi i32 [ 0, %entry ], [ %t, %loop ]
  %q = call i32 @helper(i32 noundef %r) #2
  ret i32 %q
}

define internal fastcc i32 @helper(i32 noundef %0) unnamed_addr #1 {
  %2 = icmp sgt i32 %0, 0
  br i1 %2, label %3, label %4

3:                                                ; preds = %1
  br label %4

4:                                                ; preds = %3, %1
  %5 = phi i32 [ 0, %1 ], [ %0, %3 ]
  ret i32 %5
}

declare void @llvm.memset.p0.i64(ptr writeonly, i8, i64, i1 immarg) #3

attributes #0 = { nofree nounwind memory(argmem: readwrite) uwtable "target-cpu"="x86-64-v2" }
attributes #1 = { nounwind uwtable "target-cpu"="x86-64-v2" }
attributes #2 = { nounwind }
attributes #3 = { nocallback nofree nounwind willreturn memory(argmem: write) }

!5 = !{!6, !6, i64 0}
!6 = !{!"int", !8, i64 0}
!7 = distinct !{!7}
!8 = !{!"omnipotent char"}
!9 = !{!"branch_weights", i32 1, i32 9}
!10 = !{i32 0, i32 100}
"""
VIEW = ir_view(MODULE, "sum").text


def spliced(code: str, function: str = "sum", module: str = MODULE) -> str:
    """Return the module with an answer that must fit."""
    found = splice_ir(module, function, code)
    assert isinstance(found, str), found
    return found


def refused(code: str, function: str = "sum") -> Malformation:
    """Return what is wrong with an answer."""
    found = splice_ir(MODULE, function, code)
    assert isinstance(found, Malformation), found
    return found


def line_with(text: str, start: str) -> str:
    """Return the one line that starts like this."""
    found = [line.strip() for line in text.split("\n") if line.strip().startswith(start)]
    assert len(found) == 1, found
    return found[0]


def test_a_view_shows_one_function_and_what_it_mentions() -> None:
    """Types, globals and callees in brief; no metadata, groups or findings about the body."""
    assert ir_functions(MODULE) == ("sum", "helper")
    head, _, rest = VIEW.rpartition("define ")
    assert head.split("\n") == [
        "; @table = internal unnamed_addr constant [2 x i32] [i32 1, i32 2], align 4",
        "; define i32 @helper(i32 noundef)",
        "",
    ]
    assert rest.startswith("i32 @sum(ptr noundef %x, i64 noundef %n) {\nentry:\n")
    assert rest.endswith("  ret i32 %q\n}")
    for gone in ("!tbaa", "!prof", "!llvm.loop", "#0", "#2", "readonly", "dso_local", "@unused"):
        assert gone not in VIEW
    assert "loop:  ; preds = %entry, %loop" in VIEW


def test_numbers_become_names() -> None:
    """Values and blocks without names get some, the entry included, so that lines can be moved."""
    view = ir_view(MODULE, "helper").text
    assert view.startswith("define i32 @helper(i32 noundef %v0) {\nv1:\n  %v2 = icmp sgt")
    assert "%v5 = phi i32 [ 0, %v1 ], [ %v0, %v3 ]" in view
    renamed = spliced(view.replace("%v2", "%positive"), "helper")
    assert "define internal fastcc i32 @helper(i32 noundef %v0) unnamed_addr #1 {" in renamed
    echo = splice_ir(
        MODULE, "helper", MODULE[MODULE.index("define internal") : MODULE.index("declare")]
    )
    assert isinstance(echo, Malformation), "the function as it stands in the module is an echo, too"
    assert echo.kind is Malformed.ECHO


def test_names_of_numbers_avoid_those_in_use() -> None:
    """If the function has a %v2 of its own, numbers are called something else."""
    module = MODULE.replace("%2 = icmp", "%v2 = icmp").replace("i1 %2,", "i1 %v2,")
    view = ir_view(module, "helper").text
    assert "%v2 = icmp sgt i32 %val0, 0" in view


def test_what_the_harness_took_off_comes_back() -> None:
    """Metadata and groups return to the lines that were kept; the header is the module's own."""
    made = spliced(VIEW.replace("entry:", "entry:\n  %extra = add i64 %n, 1"))
    head = line_with(made, "define dso_local i32 @sum(")
    assert "(ptr noundef %x, i64 noundef %n) local_unnamed_addr #1 {" in head
    assert line_with(made, "%first =").endswith("!tbaa !5")
    assert line_with(made, "br i1 %empty").endswith("!prof !9")
    assert line_with(made, "br i1 %more").endswith("!llvm.loop !7")
    assert line_with(made, "%q =").endswith("#2")
    assert "; Function Attrs:" not in made, "LLVM's comment on the old body would be wrong"
    assert "memory(argmem: readwrite) uwtable" not in line_with(made, "attributes #1")
    for line in MODULE.split("\n"):
        if line.startswith(("target", "@", "%struct", "declare", "!", "attributes")):
            assert line in made


def test_facts_about_values_need_an_unchanged_function() -> None:
    """A range of a loaded value is kept if only labels changed, and dropped otherwise."""
    relabelled = VIEW.replace("loop:", "again:").replace("%loop", "%again")
    assert line_with(spliced(relabelled), "%v =").endswith("!tbaa !5, !range !10")
    assert line_with(spliced(relabelled), "br i1 %more").endswith("!llvm.loop !7")
    edited = VIEW.replace("%t = add i32 %s, %v", "%t = sub i32 %s, %v")
    assert line_with(spliced(edited), "%v =").endswith("!tbaa !5")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("getelementptr inbounds i32, ptr %x,", "getelementptr inbounds i32, ptr @table,"),
        ("ptr noundef %x, i64 noundef %n", "ptr noundef %p, i64 noundef %n"),
    ],
)
def test_facts_about_accesses_need_unchanged_pointers(before: str, after: str) -> None:
    """A load through a pointer that is now another says nothing about types."""
    made = spliced(VIEW.replace(before, after))
    assert "!tbaa" not in line_with(made, "%v =")
    assert line_with(made, "%first =").endswith("!tbaa !5")


def test_pointers_made_from_changed_ones_are_changed() -> None:
    """The change travels through getelementptr and phi."""
    module = MODULE.replace(
        "  %v = load i32, ptr %p,",
        "  %p2 = getelementptr i32, ptr %p, i64 0\n  %v = load i32, ptr %p2,",
    )
    view = ir_view(module, "sum").text
    made = spliced(view.replace("ptr %x, i64 %i", "ptr %x, i64 %s.wide"), module=module)
    assert "!tbaa" not in line_with(made, "%v =")


def test_metadata_of_the_answer_is_dropped() -> None:
    """References, definitions and groups that an answer brings do not reach the module."""
    code = VIEW.replace("ptr %p, align 4", "ptr %p, align 4, !nontemporal !99").replace(
        "%t = add i32 %s, %v", "%t = add nsw i32 %s, %v, !dbg !DILocation(line: 1)"
    )
    made = spliced(f"{code}\n!99 = !{{i32 1}}\nattributes #0 = {{ alwaysinline }}\n")
    assert "!99" not in made
    assert "DILocation" not in made
    assert "alwaysinline" not in made


def test_intrinsics_are_declared() -> None:
    """What the answer declares itself, and what its calls imply."""
    code = VIEW.replace(
        "entry:",
        "entry:\n  %b = call i64 @llvm.ctpop.i64(i64 noundef %n)\n"
        "  %w = tail call <4 x i32> @llvm.smax.v4i32(<4 x i32> zeroinitializer, <4 x i32> splat (i32 1))\n"
        "  %m = call i32 @llvm.umin.i32(i32 1, i32 2)",
    )
    made = spliced(f"declare i32 @llvm.umin.i32(i32, i32 immarg) #7\n{code}")
    assert "declare i64 @llvm.ctpop.i64(i64)" in made
    assert "declare <4 x i32> @llvm.smax.v4i32(<4 x i32>, <4 x i32>)" in made
    assert "declare i32 @llvm.umin.i32(i32, i32)" in made
    assert made.count("declare void @llvm.memset") == 1


def test_tables_and_library_functions_may_come_along() -> None:
    """A private constant and a declaration of memcpy are added, once."""
    code = VIEW.replace("entry:", "entry:\n  %z = load i32, ptr @mine, align 4")
    parts = "@mine = private unnamed_addr constant [1 x i32] [i32 3]\ndeclare ptr @memcpy(ptr, ptr, i64)\n"
    made = spliced(parts + code)
    assert made.count("@mine = private") == 1
    assert made.index("@mine = private") < made.index("define dso_local")
    assert made.count("declare ptr @memcpy(ptr, ptr, i64)") == 1


def test_claims_in_the_header_are_kept() -> None:
    """An answer may claim attributes from the closed list, for itself and its parameters."""
    code = VIEW.replace("ptr noundef %x", "ptr noalias readonly align(16) %x").replace(
        ") {", ") cold {"
    )
    made = spliced(code)
    assert "ptr noundef noalias readonly align 16 %x" in line_with(
        made, "define dso_local i32 @sum("
    )
    assert "cold }" in made


def test_a_switch_over_lines_and_names_in_quotes() -> None:
    """Constructs that span lines or use quotes survive unchanged."""
    module = MODULE.replace("@helper", '@"odd name"').replace(
        "  br i1 %2, label %3, label %4\n",
        "  switch i32 %0, label %4 [\n    i32 1, label %3\n    i32 2, label %3\n  ], !prof !9\n",
    )
    assert ir_functions(module) == ("sum", "odd name")
    view = ir_view(module, "odd name").text
    made = spliced(view.replace("sgt", "slt"), "odd name", module)
    assert "  ], !prof !9" in made


def test_a_header_over_lines_is_read() -> None:
    """An answer may break its first line."""
    code = VIEW.replace("(ptr noundef %x, ", "(ptr noundef %x,\n    ").replace("ult", "ule")
    assert "icmp ule" in spliced(code)


def test_callers_forget_what_the_old_body_told() -> None:
    """Findings about direct and indirect callers go; what does not depend on the body stays."""
    outer = MODULE.replace(
        "declare void @llvm.memset",
        "define range(i32 0, 9) i32 @outer(ptr noundef nonnull readonly %x) #0 {\n"
        "  %r = tail call i32 @sum(ptr %x, i64 3)\n  ret i32 %r\n}\n\n"
        "define void @apart() #0 {\n  ret void\n}\n\ndeclare void @llvm.memset",
    )
    view = ir_view(outer, "helper").text
    made = spliced(view.replace("sgt", "slt"), "helper", outer)
    assert line_with(made, "define i32 @outer(") == (
        "define i32 @outer(ptr noundef nonnull %x) #1 {"
    )
    assert "(ptr noundef %x, i64 noundef %n) local_unnamed_addr #1 {" in made
    assert "define void @apart() #0 {" in made
    assert "Function Attrs" not in made


def test_an_unclosed_function_is_cut_off() -> None:
    """A function that does not end is truncated, whatever follows."""
    assert refused(VIEW.rstrip("}")).kind is Malformed.TRUNCATED


def test_an_unknown_function_is_the_callers_mistake() -> None:
    """The module must define the function; that is no fault of the answer."""
    for call in (lambda: splice_ir(MODULE, "nothing", VIEW), lambda: ir_view(MODULE, "nothing")):
        with pytest.raises(KeyError):
            call()
    with pytest.raises(KeyError):
        add_attributes(MODULE, "nothing", ["cold"])


def test_attributes_are_added_where_they_belong() -> None:
    """To the function in a group of its own, to parameters by index or by name."""
    made = add_attributes(
        MODULE, "sum", ["willreturn", "memory(argmem: read)", "noalias param 0", "align 16 %x"]
    )
    assert isinstance(made, str)
    head = line_with(made, "define dso_local i32 @sum(")
    assert "ptr noundef readonly captures(none) noalias align 16 %x, i64 noundef %n" in head
    assert head.endswith("local_unnamed_addr #4 {")
    group = line_with(made, "attributes #4")
    assert "memory(argmem: read)" in group
    assert "memory(argmem: readwrite)" not in group
    assert '"target-cpu"="x86-64-v2"' in group
    assert line_with(made, "attributes #0") == line_with(MODULE, "attributes #0")
    assert "%q = call i32 @helper" in made


@pytest.mark.parametrize(
    "attribute",
    [
        "naked",
        "noreturn",
        '"target-features"="+avx512f"',
        "memory(inaccessiblemem: none)",
        "noalias param 1",
        "noalias param 9",
        "noalias %nowhere",
        "align 3 param 0",
        "align 16 param 1",
        "swifterror param 0",
        "sanitize_address",
        "",
    ],
)
def test_other_attributes_are_refused(attribute: str) -> None:
    """Nothing off the list, nothing on a parameter that cannot have it."""
    found = add_attributes(MODULE, "sum", [attribute])
    assert isinstance(found, Malformation)
    assert found.kind is Malformed.UNKNOWN_OPTION


def test_attributes_that_are_there_are_an_echo() -> None:
    """Claiming what the function has already changes nothing."""
    for attributes in ([], ["nounwind"], ["readonly param 0"]):
        found = add_attributes(MODULE, "sum", attributes)
        assert isinstance(found, Malformation)
        assert found.kind is Malformed.ECHO


def test_a_repeated_edit_keeps_the_module_in_order() -> None:
    """Edit upon edit: nothing piles up but what the edits need."""
    module = (LOWERED / "edit_distance.x86_64.ll").read_text()
    once = spliced(
        ir_view(module, "edit_distance").text.replace("ult", "slt"), "edit_distance", module
    )
    back = spliced(ir_view(once, "edit_distance").text.replace("slt", "ult"), "edit_distance", once)
    assert ir_view(back, "edit_distance").text == ir_view(module, "edit_distance").text
    assert back.count("attributes #") == module.count("attributes #")
    assert back.count("!tbaa") == module.count("!tbaa")
