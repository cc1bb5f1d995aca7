"""The attribute groups of a module (`attributes #0 = { … }`): read, and made anew for a function."""

import re
from dataclasses import dataclass, replace

from coopbench.agents.protocol.ir_claims import FUNCTION_ATTRIBUTES, replaced
from coopbench.agents.protocol.ir_text import Entity, Header, words

_GROUP = re.compile(r"#(\d+)")
_DEFINITION = re.compile(r"attributes\s+#(\d+)\s*=\s*\{(.*)\}")


@dataclass(frozen=True)
class Groups:
    """All groups of a module."""

    by_number: dict[int, tuple[str, ...]]

    @staticmethod
    def of(parts: tuple[Entity, ...]) -> "Groups":
        """Read the groups among a module's entities."""
        found = (_DEFINITION.fullmatch(p.text) for p in parts if p.kind == "attributes")
        return Groups({int(m[1]): tuple(words(m[2])) for m in found if m})

    def plus(self, attributes: tuple[str, ...]) -> "Groups":
        """Return the groups with the one that `regrouped` would number next."""
        return Groups({**self.by_number, max(self.by_number, default=-1) + 1: attributes})

    def attributes(self, header: Header) -> tuple[str, ...]:
        """Return all attributes of a function, those of its groups included."""
        found: tuple[str, ...] = ()
        for word in header.suffix:
            group = _GROUP.fullmatch(word)
            own = self.by_number.get(int(group[1]), ()) if group else (word,)
            for attribute in own if group or _is_attribute(word) else ():
                found = replaced(found, attribute)
        return found

    def regrouped(self, header: Header, attributes: tuple[str, ...]) -> tuple[Header, str]:
        """Return the header with exactly these attributes, and the group to define for it.

        The second is empty if the module has such a group.
        """
        rest = tuple(w for w in header.suffix if not _GROUP.fullmatch(w) and not _is_attribute(w))
        known = next((n for n, words_ in self.by_number.items() if words_ == attributes), None)
        number = known if known is not None else max(self.by_number, default=-1) + 1
        behind = sum(w.endswith("unnamed_addr") for w in rest)
        suffix = (*rest[:behind], f"#{number}", *rest[behind:]) if attributes else rest
        line = f"attributes #{number} = {{ {' '.join(attributes)} }}"
        return replace(header, suffix=suffix), "" if known is not None or not attributes else line


def _is_attribute(word: str) -> bool:
    return word in FUNCTION_ATTRIBUTES or word.startswith("memory(")
