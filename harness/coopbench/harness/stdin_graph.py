"""Standard input that describes a directed graph with lengths."""

import numpy as np

EDGES_PER_VERTEX = 4
"""On average; some vertices get none, so that a part of the graph cannot be reached."""
FROM_FIRST = 4
"""Edges that start at the first vertex, so that most of the graph is reached from there."""
LONGEST = 10**9


def graph(rng: np.random.Generator, size: int) -> bytes:
    """Return a graph of about `size` bytes.

    The first line has the numbers of vertices and edges, every further line an edge: where it
    starts, where it ends (both from 0), and its length. Lengths are short, a few are 0 and a few
    so long that a sum of them exceeds 32 bits.
    """
    edges = max(1, (size - 8) // 13)
    vertices = max(1, edges // EDGES_PER_VERTEX)
    ends = rng.integers(0, vertices, (2, edges))
    ends[0, :FROM_FIRST] = 0
    lengths = rng.integers(0, 1000, edges)
    far = rng.random(edges) < 0.05
    lengths[far] = rng.integers(10**8, LONGEST, int(far.sum()), endpoint=True)
    rows = np.column_stack((*ends, lengths)).tolist()
    lines = [f"{vertices} {edges}", *(f"{a} {b} {length}" for a, b, length in rows)]
    return ("\n".join(lines) + "\n").encode()


EDGE_GRAPHS: dict[str, bytes] = {
    "one vertex": b"1 0\n",
    "no edge": b"3 0\n",
    "loop": b"1 1\n0 0 7\n",
    "parallel edges": b"2 3\n0 1 9\n0 1 4\n0 1 6\n",
    "into the first vertex only": b"3 2\n1 0 1\n2 0 1\n",
    "longer way is shorter": b"4 4\n0 3 10\n0 1 3\n1 2 3\n2 3 3\n",
    "all lengths zero": b"3 3\n0 1 0\n1 2 0\n2 0 0\n",
    "sum beyond 32 bits": b"6 5\n" + b"".join(b"%d %d 1000000000\n" % (i, i + 1) for i in range(5)),
    "one line": b"2 1 0 1 5",
    "an edge too few": b"2 2\n0 1 5\n",
    "an edge too many": b"2 1\n0 1 5\n1 0 5\n",
    "vertex out of range": b"2 1\n0 2 5\n",
    "length out of range": b"2 1\n0 1 1000000001\n",
    "length beyond 32 bits": b"2 1\n0 1 4294967301\n",
    "negative length": b"2 1\n0 1 -5\n",
    "no vertex": b"0 0\n",
}
"""Inputs at which readers of graphs and shortest-way searches go wrong."""
