"""Every file has a licence (reuse.software), and it is ours."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).parents[2]
ROOTS = ("harness", "baselines", "agents", "suites", "reports", "docs")
OURS = "Apache-2.0"
HOLDER = "The CoopBench developers"
_TAG = re.compile(r"SPDX-License" + r"-Identifier:\s*([^\s*]+)")
_NOTICE = re.compile(r"(?:copyright\s*(?:\(c\)|©)|copyright\s+\d{4})[^\n]*", re.IGNORECASE)


def texts() -> Iterator[tuple[Path, str]]:
    """Yield the text files of the repository's source roots."""
    for root in ROOTS:
        for path in sorted((REPO / root).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                try:
                    yield path, path.read_text("utf-8")
                except UnicodeDecodeError:
                    continue


def test_every_file_is_covered() -> None:
    """One annotation holds for all paths, and names holder and licence."""
    (annotation,) = tomllib.loads((REPO / "REUSE.toml").read_text("utf-8"))["annotations"]
    assert annotation["path"] == "**"
    assert annotation["SPDX-License-Identifier"] == OURS
    assert annotation["SPDX-FileCopyrightText"].endswith(HOLDER)


def test_the_licence_is_there_and_the_same_everywhere() -> None:
    """The text lies where the specification wants it; package and repository agree."""
    text = (REPO / "LICENSES" / f"{OURS}.txt").read_text("utf-8")
    assert text == (REPO / "LICENSE").read_text("utf-8")
    assert "Version 2.0, January 2004" in text
    assert {p.name for p in (REPO / "LICENSES").iterdir()} == {f"{OURS}.txt"}
    project = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == OURS
    assert [a["name"] for a in project["authors"]] == [HOLDER]


def test_no_file_brings_a_licence_of_its_own() -> None:
    """No source carries another licence's tag or another holder's notice: nothing was copied in."""
    strange = [
        f"{path.relative_to(REPO)}: {found}"
        for path, text in texts()
        for found in (*_TAG.findall(text), *_NOTICE.findall(text))
        if found != OURS and HOLDER not in found
    ]
    assert strange == []
