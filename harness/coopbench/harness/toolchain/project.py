"""What surrounds a source that belongs to a larger program: headers, flags, search folders.

A candidate's own files are plain names in one folder. A real program's sources lie in a tree and
include headers by relative paths; so the headers are put under `tree/` as they lie in the
program's root, and each source is told to search the folder that it came from first.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

TREE = "tree"
_MARK = ".folder"


@dataclass(frozen=True)
class Project:
    """Surroundings of a program's sources; the empty one changes nothing."""

    headers: tuple[tuple[str, bytes], ...] = ()
    """Path relative to the program's root, with slashes, and contents; in order of the paths."""
    flags: tuple[str, ...] = ()
    """Front-end flags that belong to the program: dialect and defines."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Plain name of each source to the folder it came from, relative to the root."""
    include: tuple[str, ...] = ()
    """Include folders relative to the root, in order of the search."""
    forced: tuple[str, ...] = ()
    """Headers of the tree that every source starts with."""

    @property
    def tree(self) -> tuple[tuple[str, bytes], ...]:
        """The files beside the sources; every folder that a flag names exists."""
        named = {*self.folders.values(), *self.include}
        marks = ((posixpath.join(TREE, folder, _MARK), b"") for folder in sorted(named))
        return (*((f"{TREE}/{path}", data) for path, data in self.headers), *marks)

    def flags_for(self, name: str) -> tuple[str, ...]:
        """Return the flags that a source of this plain name is compiled with."""
        own = self.folders.get(name)
        quoted = () if own is None else ("-iquote", posixpath.join(TREE, own))
        searched = (f"-I{posixpath.join(TREE, folder)}" for folder in self.include)
        first = (word for header in self.forced for word in ("-include", f"{TREE}/{header}"))
        return (*self.flags, *quoted, *searched, *first)


ALONE = Project()
"""Of a source that belongs to no larger program."""
