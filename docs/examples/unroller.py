#!/usr/bin/env python3
"""A complete optimizer for `coopbench run --entrant cmd:docs/examples/unroller.py`.

It asks the compiler to unroll every `for` loop of the sources by four. Nothing of CoopBench is
imported: the task folder is all there is.
"""

import json
import re
import sys
from pathlib import Path

LOOP = re.compile(r"^([ \t]*)(for\s*\()", re.MULTILINE)


def main(task: Path) -> int:
    """Read the task in the folder and write the answer beside it."""
    said = json.loads((task / "task.json").read_text())
    for name in said["sources"]:
        text = (task / "sources" / name).read_text()
        if name.endswith(".c"):
            text = LOOP.sub(r'\1_Pragma("clang loop unroll_count(4)")\n\1\2', text)
        (task / "answer" / name).write_text(text)
    note = {"note": "every for loop unrolled by four", "recipe": {"frontend": ["-O3"]}}
    (task / "answer" / "answer.json").write_text(json.dumps(note))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[-1])))
