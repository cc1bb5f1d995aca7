"""A first manifest for a folder that has none: its form is recognised, its programs are listed."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from coopbench.harness.errors import UsageError
from coopbench.suites.readers.c_sources import Group, Tree, plain_name, unique_names
from coopbench.suites.readers.stdin_pairs import pairs_in, read_records

Form = Literal["reference", "pairs", "self", "dump"]
FORMS: tuple[Form, ...] = ("reference", "pairs", "self", "dump")
"""`reference`: C files with `*.reference_output` beside them; `pairs`: programs that read standard
input, with pairs of inputs and outputs; `self`: programs that check themselves; `dump`: programs
that print their live-out arrays."""
_REFERENCE = ".reference_output"
_DUMP = re.compile(r"^[ \t]*#[ \t]*if\w*\b.*?\b(\w*DUMP\w*)", re.MULTILINE)
_SIZE = re.compile(r"\b([A-Z][A-Z0-9]*)_(?:DATASET|PROBLEM_SIZE)\b")


@dataclass(frozen=True)
class Wish:
    """What the user says about programs that have no manifest yet."""

    form: Form | None = None
    pattern: str = ""
    """What programs that check themselves print when all is well."""
    tolerance: float = 0.0
    defines: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True)
class Scaffolded:
    """A first manifest."""

    form: Form
    programs: dict[str, dict[str, Any]]
    """Entries as they stand in the manifest."""
    sizes: tuple[str, ...]


def scaffold(path: Path, wish: Wish) -> Scaffolded:
    """Return entries for every program below a folder, or in a file of JSON lines.

    Raises:
        UsageError: if nothing is found, with the forms that are known.
    """
    form = wish.form or recognise(path)
    programs = _MAKERS[form](path, wish)
    if not programs:
        raise UsageError(
            f"{path}: no program of the form {form!r}; forms are {', '.join(FORMS)} (--form), or "
            "write a suite.toml"
        )
    sizes = dict.fromkeys(size for entry in programs.values() for size in entry["sizes"])
    return Scaffolded(form, programs, tuple(sizes))


def recognise(path: Path) -> Form:
    """Return the form of a folder's programs.

    Raises:
        UsageError: if the path does not exist or holds no C.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; give the folder of your download")
    if path.is_file() or next(path.glob("*.jsonl"), None):
        return "pairs"
    if next(path.rglob(f"*{_REFERENCE}"), None):
        return "reference"
    tree = Tree(path)
    if not tree.mains:
        raise UsageError(f"{path}: no C file below it defines main; write a suite.toml by hand")
    if any(_has_pairs(path / Path(main).parent) for main in tree.mains[:20]):
        return "pairs"
    if any(_DUMP.search(text) for text in tree.texts.values()):
        return "dump"
    return "self"


def _reference(path: Path, wish: Wish) -> dict[str, dict[str, Any]]:
    entries = {}
    for name, group in _groups(path).items():
        stem = group.rewritable[0].removesuffix(".c")
        near = Path(group.rewritable[0]).parent
        found = (f"{stem}{_REFERENCE}", *(p.as_posix() for p in _only_reference(path, near)))
        reference = next((f for f in found if (path / f).is_file()), None)
        if reference is not None:
            # such files hold both streams, and seldom say so
            entry = {"capture": "both", "sizes": {"ref": {"reference": reference}}}
            if reference == found[0]:
                # the same stem: the program is that one file, whatever lies beside it
                group = replace(group, rewritable=group.rewritable[:1], protected=())  # noqa: PLW2901
            entries[name] = _entry(group, wish) | _compared(wish) | entry
    return entries


def _only_reference(path: Path, folder: Path) -> list[Path]:
    """Return the folder's reference output if there is only one."""
    found = sorted((path / folder).glob(f"*{_REFERENCE}"))
    return [found[0].relative_to(path)] if len(found) == 1 else []


def _pairs(path: Path, wish: Wish) -> dict[str, dict[str, Any]]:
    files = [path] if path.is_file() else sorted(path.glob("*.jsonl"))
    entries: dict[str, dict[str, Any]] = {}
    for file in files:
        for record in read_records(file):
            number = record.pairs[0].label.split()[1]
            entry = {
                "rewritable": ["main.c"],
                "record": f"{file.name}#{number}",
                "replay": True,
                "sizes": {"ref": {}},
                **_compared(wish),
            }
            name = plain_name(record.name)
            entries[name if name not in entries else f"{name}_{number}"] = entry
    if files:
        return entries
    for name, group in _groups(path).items():
        folder = Path(group.rewritable[0]).parent
        if _has_pairs(path / folder):
            entry = {"cases": folder.as_posix(), "replay": True, "sizes": {"ref": {}}}
            entries[name] = _entry(group, wish) | _compared(wish) | entry
    return entries


def _self(path: Path, wish: Wish) -> dict[str, dict[str, Any]]:
    checked = {"comparator": "pattern", "pattern": wish.pattern} if wish.pattern else {}
    entries = {}
    for name, group in _groups(path).items():
        how = checked or {"comparator": "exit"}
        entries[name] = _entry(group, wish) | how | {"sizes": {"ref": {"exit_code": 0}}}
    return entries


def _dump(path: Path, wish: Wish) -> dict[str, dict[str, Any]]:
    tree = Tree(path)
    entries = {}
    for name, group in _groups(path, tree).items():
        files = (*group.rewritable, *group.protected)
        near = [tree.texts[f] for f in files]
        near += [t for p, t in tree.texts.items() if p.endswith(".h") and _belongs(p, group)]
        switches = sorted({s for text in near for s in _DUMP.findall(text)}, key=_dump_rank)
        sizes = sorted({s for text in near for s in _SIZE.findall(text)})
        entry = _entry(group, wish)
        entry["defines"] = [*entry.get("defines", ()), *switches[:1]]
        entry |= {"dump": True} | _compared(wish)
        entry["sizes"] = {s.lower(): {"defines": [_macro(s, near)]} for s in sizes} or {"ref": {}}
        entries[name] = entry
    return entries


_MAKERS: dict[Form, Callable[[Path, Wish], dict[str, dict[str, Any]]]] = {
    "reference": _reference,
    "pairs": _pairs,
    "self": _self,
    "dump": _dump,
}


def _groups(path: Path, tree: Tree | None = None) -> dict[str, Group]:
    tree = tree or Tree(path)
    return unique_names([tree.group(main) for main in tree.mains])


def _entry(group: Group, wish: Wish) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "rewritable": list(group.rewritable),
        "protected": list(group.protected),
        "include": list(group.include),
        "defines": list(wish.defines),
    }
    return {key: value for key, value in raw.items() if value}


def _compared(wish: Wish) -> dict[str, Any]:
    if not wish.tolerance:
        return {}
    return {"comparator": "tokens", "tolerance": wish.tolerance, "float_policy": "relative"}


def _belongs(header: str, group: Group) -> bool:
    folder = Path(header).parent.as_posix()
    return folder in {*group.include, Path(group.rewritable[0]).parent.as_posix()}


def _dump_rank(switch: str) -> tuple[bool, str]:
    return (not switch.endswith(("ARRAYS", "DUMP")), switch)


def _macro(size: str, texts: Iterable[str]) -> str:
    found = (re.search(rf"\b{size}_(?:DATASET|PROBLEM_SIZE)\b", text) for text in texts)
    return next(match[0] for match in found if match)


def _has_pairs(folder: Path) -> bool:
    try:
        return bool(pairs_in(folder))
    except UsageError:
        return False
