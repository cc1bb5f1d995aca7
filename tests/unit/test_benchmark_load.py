"""Loading benchmark folders: what is right, and every way to be wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.errors import UsageError

Maker = Callable[..., Path]


def test_a_benchmark_is_a_folder(make_benchmark: Maker) -> None:
    """Manifest and sources are read, and the prototype follows from the contract."""
    b = load_benchmark(make_benchmark())
    assert b.contract.prototype == "uint32_t scan(uint32_t *out, const uint32_t *in, size_t n)"
    assert set(b.files) == {"kernel.c"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Prefix sum"', 'titel = "Prefix sum"', "did you mean 'title'"),
        ('kind = "kernel"', 'kind = "colonel"', "kind"),
        ('shape = "n"', 'shape = "rows"', "unknown parameter 'rows'"),
        ('shape = "n"', 'shape = "n ** 2"', "not a shape expression"),
        ("small = { n = 500 }\n", "", "lacks small"),
        ("test = { n = 37 }", "test = { m = 37 }", "unknown parameter 'm'"),
        (
            'distributions = [{ kind = "uniform" }, { kind = "constant" }]',
            "",
            "needs distributions",
        ),
        ('name = "out"', 'name = "in"', "appears twice"),
        ("[sizes]", "[sizes", "not valid TOML"),
        ('role = "out"', 'role = "output"', "role"),
    ],
)
def test_mistakes_name_the_file_the_key_and_the_remedy(
    make_benchmark: Maker, scan_toml: str, old: str, new: str, message: str
) -> None:
    """A malformed manifest ends in one message that names what is wrong."""
    assert old in scan_toml
    with pytest.raises(UsageError, match=r"benchmark\.toml") as e:
        load_benchmark(make_benchmark(scan_toml.replace(old, new)))
    assert message in str(e.value)
    assert "\n" not in str(e.value)


def test_missing_files_are_named(make_benchmark: Maker) -> None:
    """A folder without manifest, and a manifest whose source is missing, are told apart."""
    root = make_benchmark()
    (root / "kernel.c").unlink()
    with pytest.raises(UsageError, match=r"'kernel\.c' does not exist"):
        load_benchmark(root)
    (root / "benchmark.toml").unlink()
    with pytest.raises(UsageError, match=r"no benchmark\.toml"):
        load_benchmark(root)


def test_sources_cannot_escape_the_folder(make_benchmark: Maker, scan_toml: str) -> None:
    """A manifest cannot pull in a file from outside its folder."""
    root = make_benchmark('sources = ["../secret.c"]\n' + scan_toml)
    with pytest.raises(UsageError, match="own folder"):
        load_benchmark(root)


def test_the_digest_follows_the_sources(make_benchmark: Maker) -> None:
    """Any change of a source changes the benchmark's identity."""
    root = make_benchmark()
    before = load_benchmark(root).digest
    (root / "kernel.c").write_text((root / "kernel.c").read_text() + "\n")
    assert load_benchmark(root).digest != before
