"""A user's own function as a benchmark folder."""

from pathlib import Path

import pytest

from coopbench.harness.adhoc import read_function
from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.errors import UsageError
from coopbench.harness.workload import make_input

SOURCE = '#include "my.h"\nint Total(const int *a, int n)\n{\n    return a[0] + ONE;\n}\n'


def sources(folder: Path) -> Path:
    (folder / "code.c").write_text(SOURCE)
    (folder / "my.h").write_text('#include "deep.h"\n#include <stdio.h>\n')
    (folder / "deep.h").write_text("#define ONE 1\n")
    return folder / "code.c"


def test_a_guessed_benchmark_can_be_loaded(tmp_path: Path) -> None:
    """The folder that is written is a benchmark with the file and its own headers."""
    work = read_function(sources(tmp_path), "Total", None)
    folder = work.write(tmp_path / "suite")
    loaded = load_benchmark(folder / "total")
    assert loaded.contract.function == "Total"
    assert loaded.files["kernel.c"] == SOURCE
    assert set(loaded.files) == {"kernel.c", "my.h", "deep.h"}
    assert work.assumptions


def test_the_shown_contract_can_be_given_back(tmp_path: Path) -> None:
    """What is shown for confirmation works as a contract file, and asks nothing then."""
    file = sources(tmp_path)
    shown = read_function(file, "Total", None)
    contract = tmp_path / "total.toml"
    contract.write_text(shown.toml())
    given = read_function(file, "Total", contract)
    assert given.manifest == shown.manifest
    assert given.assumptions == ()


def test_the_documented_contract_works(tmp_path: Path) -> None:
    """The example of docs/contracts.md can be given as it stands; every preset makes an input."""
    page = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text("utf-8")
    contract = tmp_path / "contract.toml"
    contract.write_text(page.partition("```toml\n")[2].partition("```")[0])
    file = tmp_path / "code.c"
    head = "void scale_add(float *restrict out, const float *in, size_t n, size_t k)"
    file.write_text(f"#include <stddef.h>\n{head}\n{{\n}}\n")
    work = read_function(file, "scale_add", contract)
    made = load_benchmark(work.write(tmp_path / "suite") / "scale_add")
    for preset in ("test", "small", "ref"):
        found = make_input(made.contract, made.manifest.sizes[preset], 1)
        assert found.lengths["in"] == found.scalars["n"] >= found.scalars["k"]


def test_typedefs_of_own_headers_are_followed(tmp_path: Path) -> None:
    """A guess knows the names for types that the headers beside the file define."""
    (tmp_path / "t.h").write_text("typedef unsigned short pixel;\n")
    (tmp_path / "code.c").write_text('#include "t.h"\nvoid f(pixel *a, int n) {}\n')
    work = read_function(tmp_path / "code.c", "f", None)
    assert work.manifest.contract is not None
    assert work.manifest.contract.prototype == "void f(uint16_t *a, int32_t n)"


def test_marks_and_line_ends_of_other_editors_are_read(tmp_path: Path) -> None:
    """A byte order mark is no part of the program, and lines end as they do here."""
    file = tmp_path / "code.c"
    file.write_bytes(b"\xef\xbb\xbfint f(const int *a, int n)\r\n{ return n; }\r\n")
    assert read_function(file, "f", None).sources["kernel.c"].startswith("int f(")
    assert "\r" not in read_function(file, "f", None).sources["kernel.c"]


def test_mistakes_are_named(tmp_path: Path) -> None:
    """A missing file, a wrong contract and broken TOML are each one clear message."""
    file = sources(tmp_path)
    with pytest.raises(UsageError, match="cannot read"):
        read_function(tmp_path / "none.c", "f", None)
    bad = tmp_path / "bad.toml"
    bad.write_text("[contract")
    with pytest.raises(UsageError, match=r"bad\.toml: not valid TOML"):
        read_function(file, "Total", bad)
    other = tmp_path / "other.toml"
    other.write_text(read_function(file, "Total", None).toml().replace('"Total"', '"Other"'))
    with pytest.raises(UsageError, match="not the contract of 'Total'"):
        read_function(file, "Total", other)
    (tmp_path / "latin.c").write_bytes(b"int f(int *a, int n) { return '\xe9'; }")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_function(tmp_path / "latin.c", "f", None)
