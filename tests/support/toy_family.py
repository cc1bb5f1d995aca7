"""A small family of kernels, written to a folder, for the tests of the engine."""

from pathlib import Path

FAMILY_TOML = """\
name = "affine"
title = "Affine map"
why = "A test of the engine: constants, a type, an order and a name vary."

[choices]
factor = { low = 3, high = 999, step = 2 }
type = ["uint32_t", "uint64_t"]
order = [["x", "y"], ["y", "x"]]
function = ["affine_map", "stretch"]
"""
KERNEL = """\
#include <stddef.h>
#include <stdint.h>

void {{ function }}({% for p in order %}{{ "const " if p == "x" }}{{ type }} *{{ p }}, {% endfor %}size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * {{ factor }}u + 1u;
}
"""
BENCHMARK_TOML = """\
name = "{{ name }}"
kind = "kernel"
title = "Affine map by {{ factor }}"
why = "A variant of {{ family }}."

[sizes.test]
n = 10
[sizes.small]
n = 100
[sizes.ref]
n = 1000

[contract]
function = "{{ function }}"
{% for p in order %}

[[contract.parameters]]
name = "{{ p }}"
type = "{{ {"uint32_t": "u32", "uint64_t": "u64"}[type] }}"
shape = "n"
{% if p == "x" %}
distributions = [{ kind = "bits" }]
{% else %}
role = "out"
{% endif %}
{% endfor %}

[[contract.parameters]]
name = "n"
type = "size"
"""


def write_family(
    folder: Path,
    name: str = "affine",
    *,
    family: str = FAMILY_TOML,
    kernel: str = KERNEL,
    benchmark: str = BENCHMARK_TOML,
) -> Path:
    """Write a family's folder below another; return it."""
    root = folder / name
    root.mkdir(parents=True)
    (root / "family.toml").write_text(family, "utf-8")
    (root / "kernel.c.j2").write_text(kernel, "utf-8")
    (root / "benchmark.toml.j2").write_text(benchmark, "utf-8")
    return root
