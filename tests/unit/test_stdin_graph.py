"""Standard input that describes a graph: as large as asked, legal, and the same for a seed."""

import pytest

from coopbench.harness.programs import make_text
from coopbench.harness.stdin_graph import LONGEST


@pytest.mark.parametrize("size", [0, 1, 50, 3000, 150_000])
def test_graph_is_legal_and_about_as_large_as_asked(size: int) -> None:
    """There are as many edges as announced, between vertices that exist."""
    text = make_text("graph", size, 3)
    header, *edges = [tuple(map(int, line.split())) for line in text.decode().splitlines()]
    vertices, announced = header
    assert len(edges) == announced >= 1
    assert vertices >= 1
    assert all(0 <= a < vertices and 0 <= b < vertices for a, b, _ in edges)
    assert all(0 <= length <= LONGEST for _, _, length in edges)
    assert size < 1000 or 0.7 * size < len(text) < 1.3 * size


def test_graph_has_short_and_long_edges_and_a_way_from_the_first_vertex() -> None:
    """Sums beyond 32 bits occur, and the first vertex leads somewhere."""
    edges = [tuple(map(int, line.split())) for line in make_text("graph", 9000, 1).splitlines()[1:]]
    lengths = [length for _, _, length in edges]
    assert min(lengths) < 1000 < 10**8 < max(lengths)
    assert sum(a == 0 for a, _, _ in edges) >= 4


def test_graph_depends_on_the_seed_alone() -> None:
    """The same seed gives the same bytes, another seed others."""
    assert make_text("graph", 500, 7) == make_text("graph", 500, 7)
    assert make_text("graph", 500, 7) != make_text("graph", 500, 8)
