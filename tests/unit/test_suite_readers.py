"""Readers of the common forms of public suites."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import mock_suites

from coopbench.harness.benchmark import ProgramInterface
from coopbench.harness.errors import UsageError
from coopbench.harness.program_input import Expected, ProgramInput
from coopbench.harness.program_output import Output, contradiction, same
from coopbench.suites.readers.c_sources import Tree, plain_name, unique_names
from coopbench.suites.readers.expected import reference_digest, split_reference
from coopbench.suites.readers.scaffold import Wish, recognise, scaffold
from coopbench.suites.readers.stdin_pairs import pairs_in, read_record, read_records


@given(st.binary(), st.integers(-128, 255))
def test_reference_is_output_and_status(output: bytes, status: int) -> None:
    """What stands before the line `exit N` is the output, whatever bytes it has."""
    text = output if not output or output.endswith(b"\n") else output + b"\n"
    assert split_reference(text + b"exit %d\n" % status) == (text, status)


def test_reference_without_status() -> None:
    """A file without that line is all output."""
    assert split_reference(b"1\nexit soon\n") == (b"1\nexit soon\n", None)


def test_pairs_are_found_by_name(tmp_path: Path) -> None:
    """Inputs and outputs pair up in folders and by suffix; a lone input is no pair."""
    names = ("tests/1.in", "tests/1.out", "io/input/a.txt", "io/output/a.txt", "tests/2.in")
    for name in (*names, "x.input.3", "x.output.3", "main.c"):
        mock_suites.write(tmp_path, name, name)
    found = {pair.label: pair.output.decode() for pair in pairs_in(tmp_path)}
    assert found == {
        "io/input/a.txt": "io/output/a.txt",
        "tests/1.in": "tests/1.out",
        "x.input.3": "x.output.3",
    }


BAD_LINES = {
    "no JSON": ("{", "not JSON"),
    "no object": ("[]", "not an object"),
    "no code": ('{"tests": []}', "no C text under any of c_code"),
    "no tests": ('{"code": "x"}', "no inputs"),
    "numbers": ('{"code": "x", "tests": [{"input": 1, "output": "1"}]}', "is no text"),
    "uneven": ('{"code": "x", "inputs": ["1"], "outputs": []}', "1 inputs, 0 outputs"),
}


@pytest.mark.parametrize(("line", "said"), BAD_LINES.values(), ids=BAD_LINES)
def test_bad_lines(tmp_path: Path, line: str, said: str) -> None:
    """A line that is no program is named by its number."""
    path = tmp_path / "p.jsonl"
    path.write_text('{"code": "int main;", "inputs": ["1"], "outputs": ["1"]}\n' + line + "\n")
    with pytest.raises(UsageError, match="line 2") as error:
        read_records(path)
    assert said in str(error.value)


def test_records_by_line(tmp_path: Path) -> None:
    """A program is found again by file and line, and a wrong line is named."""
    mock_suites.jsonl_file(tmp_path / "p.jsonl")
    record = read_record(tmp_path, "p.jsonl#2")
    assert record.name == "sums again"
    assert len(record.pairs) == 12
    for wrong in ("p.jsonl#3", "p.jsonl", "q.jsonl#1"):
        with pytest.raises(UsageError):
            read_record(tmp_path, wrong)


def test_programs_are_grouped(tmp_path: Path) -> None:
    """A program has its folder's sources; a support file elsewhere comes with its header."""
    mock_suites.dump_checkout(tmp_path)
    mock_suites.write(tmp_path, "linear/sum/helper.c", "int helper;\n")
    tree = Tree(tmp_path)
    groups = unique_names([tree.group(main) for main in tree.mains])
    assert sorted(groups) == ["product", "sum"]
    assert groups["sum"].rewritable == ("linear/sum/sum.c", "linear/sum/helper.c")
    assert groups["sum"].protected == ("support/support.c",)
    assert groups["sum"].include == ("support",)


def test_main_is_found_in_code_only(tmp_path: Path) -> None:
    """A call, a comment or a declaration of main is no program."""
    mock_suites.write(
        tmp_path, "a.c", "int main(void);\n/* main() { */\nint f(void) { return 0; }\n"
    )
    mock_suites.write(tmp_path, "b.c", "int\nmain (int argc,\n  char **argv)\n{ return argc; }\n")
    assert Tree(tmp_path).mains == ("b.c",)


@given(st.text(max_size=20))
def test_plain_names_are_allowed(text: str) -> None:
    """Any text becomes a name that a manifest takes."""
    name = plain_name(text)
    assert name[0].isascii()
    assert name[0].islower()
    assert all(c.isascii() and (c.islower() or c.isdigit() or c == "_") for c in name)


def test_forms_are_recognised(tmp_path: Path) -> None:
    """Each mock checkout is recognised as what it is."""
    made = {
        "reference": mock_suites.reference_checkout(tmp_path / "a"),
        "pairs": mock_suites.pairs_checkout(tmp_path / "b"),
        "self": mock_suites.self_checkout(tmp_path / "c"),
        "dump": mock_suites.dump_checkout(tmp_path / "d"),
    }
    assert {recognise(path) for path in made.values()} == set(made)
    assert recognise(mock_suites.jsonl_file(tmp_path / "e" / "x.jsonl")) == "pairs"
    for form, path in made.items():
        assert recognise(path) == form
        assert scaffold(path, Wish()).form == form


def test_dump_sizes_and_switch(tmp_path: Path) -> None:
    """The macros that choose a size and switch the dump on are found in the sources."""
    made = scaffold(mock_suites.dump_checkout(tmp_path), Wish())
    entry = made.programs["product"]
    assert entry["defines"] == ["LIVE_DUMP_ARRAYS"]
    assert entry["sizes"]["large"] == {"defines": ["LARGE_DATASET"]}
    assert made.sizes == ("large", "mini")


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_nothing_to_add(tmp_path: Path, path: str) -> None:
    """A path that is wrong, or holds no program, is named with the remedy."""
    with pytest.raises(UsageError, match=r"does not exist; give|write a suite.toml"):
        recognise(tmp_path / path)


RUN = ProgramInput("run", (), b"", expected=Expected(output=b"a 1.0\n", exit_code=0))

COMPARED = {
    "equal": (ProgramInterface(), b"a 1.0\n", 0, True),
    "other bytes": (ProgramInterface(), b"a 1.00\n", 0, False),
    "other status": (ProgramInterface(), b"a 1.0\n", 1, False),
    "within": (ProgramInterface(output="tokens", tolerance=1e-3), b"a 1.0001\n", 0, True),
    "beyond": (ProgramInterface(output="tokens", tolerance=1e-6), b"a 1.0001\n", 0, False),
    "absolute": (ProgramInterface(output="tokens", absolute=1e-3), b"a 1.0001\n", 0, True),
    "other word": (ProgramInterface(output="tokens", tolerance=1), b"b 1.0\n", 0, False),
    "status only": (ProgramInterface(output="exit"), b"other\n", 0, True),
    "pattern": (ProgramInterface(output="pattern", pattern="^ok$"), b"x\nok\n", 0, True),
    "no pattern": (ProgramInterface(output="pattern", pattern="^ok$"), b"not ok\n", 0, False),
}


@pytest.mark.parametrize(("interface", "out", "status", "good"), COMPARED.values(), ids=COMPARED)
def test_comparators(interface: ProgramInterface, out: bytes, status: int, good: bool) -> None:
    """Each comparator accepts what it should, and nothing else."""
    assert (contradiction(interface, RUN, Output(out, status)) is None) is good


def test_digest_of_expected_output() -> None:
    """Where only the digest is known, another output contradicts it."""
    known = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    run = ProgramInput("run", (), b"", expected=Expected(digest=known))
    assert contradiction(ProgramInterface(), run, Output(b"hello\n", 0)) is None
    assert contradiction(ProgramInterface(), run, Output(b"hullo\n", 0)) is not None
    assert not same(ProgramInterface(), b"hello\n", b"hullo\n")


def test_digest_in_place_of_reference() -> None:
    """A reference file that is one digest stands for the output, with or without its status."""
    digest = reference_digest(b"b1946ac92492d2347c6235b4d2611184\n")
    assert digest == "b1946ac92492d2347c6235b4d2611184"
    run = ProgramInput("run", (), b"", expected=Expected(digest=digest))
    assert contradiction(ProgramInterface(), run, Output(b"hello\n", 0)) is None
    with_status = Expected(digest=hashlib.md5(b"hello\nexit 3\n").hexdigest())
    run = ProgramInput("run", (), b"", expected=with_status)
    assert contradiction(ProgramInterface(), run, Output(b"hello\n", 3)) is None
    assert contradiction(ProgramInterface(), run, Output(b"hello\n", 4)) is not None
    assert reference_digest(b"hello\nexit 0\n") is None


def test_jsonl_round_trip(tmp_path: Path) -> None:
    """The entries of a file of JSON lines point at its lines, and copy nothing."""
    path = mock_suites.jsonl_file(tmp_path / "p.jsonl")
    made = scaffold(path, Wish())
    assert {n: e["record"] for n, e in made.programs.items()} == {
        "sums": "p.jsonl#1",
        "sums_again": "p.jsonl#2",
    }
    assert "printf" not in json.dumps(made.programs)
