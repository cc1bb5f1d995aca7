"""Which C files of a folder make up which program: guessed from `main`, headers and neighbours."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_MAIN = re.compile(r"(?<![\w.>])main\s*\([^;{]*\)?[^;{]*\{")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
MOST_FILES = 20_000
"""More C files than this are no suite of programs; the rest is not looked at."""


@dataclass(frozen=True)
class Group:
    """The files of one program, as paths relative to the root."""

    name: str
    rewritable: tuple[str, ...]
    protected: tuple[str, ...]
    include: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """The C files below a folder."""

    root: Path

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Text of every C file and header by path; bytes that are no UTF-8 are replaced."""
        found = {}
        for path in sorted(self.root.rglob("*.[ch]"))[:MOST_FILES]:
            relative = path.relative_to(self.root)
            if path.is_file() and not any(part.startswith(".") for part in relative.parts):
                found[relative.as_posix()] = path.read_text("utf-8", "replace")
        return found

    @cached_property
    def mains(self) -> tuple[str, ...]:
        """Paths of the files that define `main`."""
        return tuple(
            path
            for path, text in self.texts.items()
            if path.endswith(".c") and _MAIN.search(_COMMENT.sub(" ", text))
        )

    @cached_property
    def _headers(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of the headers by plain name."""
        found: dict[str, tuple[str, ...]] = {}
        for path in self.texts:
            if path.endswith(".h"):
                name = posixpath.basename(path)
                found[name] = (*found.get(name, ()), path)
        return found

    def group(self, main: str) -> Group:
        """Return the program around a file that defines `main`.

        Files without a `main` in its folder are its own if the folder has one program only. A
        header that lies elsewhere brings its folder, and a source beside it of the same name,
        which is protected.
        """
        folder = posixpath.dirname(main)
        own = [main]
        if sum(posixpath.dirname(m) == folder for m in self.mains) == 1:
            own += [p for p in self._sources_in(folder) if p != main]
        include: dict[str, None] = {}
        protected: dict[str, None] = {}
        included: set[str] = set()
        todo, seen = list(own), set(own)
        while todo:
            path = todo.pop()
            for name in _INCLUDE.findall(self.texts[path]):
                header, where = self._find(name, posixpath.dirname(path), include)
                if header is not None and header.endswith(".c"):
                    included.add(header)
                if header is None or header in seen:
                    continue
                seen.add(header)
                todo.append(header)
                if where is not None:
                    include[where] = None
                beside = f"{posixpath.splitext(header)[0]}.c"
                if beside in self.texts and beside not in self.mains and beside not in seen:
                    protected[beside] = None
                    seen.add(beside)
                    todo.append(beside)
        # a source that another one includes is compiled as part of it
        name = posixpath.splitext(posixpath.basename(main))[0]
        return Group(
            name,
            tuple(p for p in own if p not in included),
            tuple(p for p in protected if p not in included),
            tuple(include),
        )

    def _sources_in(self, folder: str) -> list[str]:
        return [
            p
            for p in self.texts
            if p.endswith(".c") and posixpath.dirname(p) == folder and p not in self.mains
        ]

    def _find(
        self, name: str, folder: str, include: Mapping[str, None]
    ) -> tuple[str | None, str | None]:
        """Return the path of an included file, and the folder to search if it is not known yet."""
        for known in (folder, *include):
            path = posixpath.normpath(posixpath.join(known, name))
            if path in self.texts:
                return path, None
        ends = [p for p in self._headers.get(posixpath.basename(name), ()) if p.endswith(name)]
        if not ends:
            return None, None
        path = max(ends, key=lambda p: len(posixpath.commonprefix((p, f"{folder}/"))))
        where = path[: -len(name)].rstrip("/") or "."
        return path, where


def unique_names(groups: list[Group]) -> dict[str, Group]:
    """Return the programs by names that a manifest allows; equal ones get their folder's too."""
    named: dict[str, Group] = {}
    plain = [plain_name(g.name) for g in groups]
    for name, group in zip(plain, groups, strict=True):
        if plain.count(name) > 1:
            name = plain_name(posixpath.splitext(group.rewritable[0])[0])  # noqa: PLW2901
        serial = 2
        chosen = name
        while chosen in named:
            chosen, serial = f"{name}_{serial}", serial + 1
        named[chosen] = group
    return named


def plain_name(text: str) -> str:
    """Return a program's name made of a text: a-z, 0-9 and _, beginning with a letter."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"p{name}"
