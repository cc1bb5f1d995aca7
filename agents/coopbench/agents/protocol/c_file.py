"""A C file with its syntax tree: what it defines, and what of another text it has already."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from coopbench.agents.protocol.c_tree import function_type, is_conditional, items, parse, tokens

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True)
class CFile:
    """A text with its syntax tree."""

    data: bytes
    """Its UTF-8 form, to which all offsets refer."""
    root: "Node"

    @staticmethod
    def of(text: str) -> "CFile":
        """Parse a text, whatever it is."""
        data = text.encode("utf-8", "surrogatepass")
        return CFile(data, parse(data))

    @property
    def text(self) -> str:
        """The text, with a replacement for what is no character."""
        return self.data.decode("utf-8", "replace")

    @cached_property
    def items(self) -> tuple["Node", ...]:
        """What stands at file level, conditional parts included."""
        return tuple(items(self.root))

    @cached_property
    def known(self) -> dict[tuple[tuple[str, bytes], ...], "Node"]:
        """What stands at file level, by its tokens."""
        return {tuple(tokens(n)): n for n in self.items}

    def functions(self, name: str) -> list["Node"]:
        """Return the definitions of a function."""
        found = ((n, function_type(n)) for n in self.items)
        return [n for n, kind in found if kind is not None and kind.name == name]

    def has(self, node: "Node") -> bool:
        """Whether the very same item stands at file level."""
        branch = is_conditional(node) and node.parent is not None and node.parent.parent is not None
        if branch or node.type == "ERROR":
            return False
        if node.type == "comment":
            return (node.text or b"").strip() in self.data
        return tuple(tokens(node)) in self.known
