"""Shared fixtures: small benchmarks on disk, made from text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("coopbench", deadline=None)
settings.load_profile("coopbench")

SCAN_TOML = """
name = "scan"
kind = "kernel"
title = "Prefix sum"
why = "fixture"

[contract]
function = "scan"
returns = "u32"

[[contract.parameters]]
name = "out"
type = "u32"
role = "out"
shape = "n"

[[contract.parameters]]
name = "in"
type = "u32"
shape = "n"
distributions = [{ kind = "uniform" }, { kind = "constant" }]

[[contract.parameters]]
name = "n"
type = "size"
max = 20000

[sizes]
test = { n = 37 }
small = { n = 500 }
ref = { n = 5000 }

[hidden]
n = [0, 300]
"""

SCAN_C = """#include <stddef.h>
#include <stdint.h>

uint32_t scan(uint32_t *out, const uint32_t *in, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += in[i];
        out[i] = sum;
    }
    return sum;
}
"""

Maker = Callable[..., Path]


@pytest.fixture
def make_benchmark(tmp_path: Path) -> Maker:
    """Return a function that writes a benchmark folder and returns its path."""

    def make(toml: str = SCAN_TOML, name: str = "scan", **files: str) -> Path:
        root = tmp_path / name
        root.mkdir(parents=True, exist_ok=True)
        (root / "benchmark.toml").write_text(toml)
        for stem, text in (files or {"kernel": SCAN_C}).items():
            (root / f"{stem}.c").write_text(text)
        return root

    return make


@pytest.fixture
def scan_toml() -> str:
    """Return the manifest that `make_benchmark` writes by default."""
    return SCAN_TOML
