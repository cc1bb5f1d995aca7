"""Makes the functions that call an edited one forget what passes found out through the old body.

A caller that LLVM took for one that frees or writes nothing may not be that any more.
"""

import re
from dataclasses import replace

from coopbench.agents.protocol.ir_attributes import written
from coopbench.agents.protocol.ir_claims import depends_on_body, depends_on_result
from coopbench.agents.protocol.ir_function import lasting
from coopbench.agents.protocol.ir_groups import Groups
from coopbench.agents.protocol.ir_text import NAME, Entity, Header, entities, read_header

_GLOBAL = re.compile(rf"@({NAME})")


def without_findings(module: str, function: str) -> str:
    """Return the module with the headers of all direct and indirect callers freed of findings."""
    parts = tuple(entities(module))
    callers = _callers([p for p in parts if p.kind == "define"], function.strip('"'))
    if not callers:
        return module
    groups = Groups.of(parts)
    lines = module.rstrip("\n").split("\n")
    new_groups: list[str] = []
    for caller in callers:
        header = read_header(caller.text)
        if header is None or caller.header_lines != 1:
            continue
        own = tuple(a for a in groups.attributes(header) if not depends_on_body(a))
        freed, group = groups.regrouped(_freed(header), own)
        if group:
            new_groups.append(group)
            groups = groups.plus(own)
        lines[caller.start] = written(freed)
        if caller.start and lines[caller.start - 1].startswith("; Function Attrs:"):
            lines[caller.start - 1] = ""
    return "\n".join((*lines, *new_groups, ""))


def _freed(header: Header) -> Header:
    prefix = tuple(w for w in header.prefix if not depends_on_result(w))
    return replace(header, prefix=prefix, parameters=lasting(header.parameters))


def _callers(functions: list[Entity], name: str) -> list[Entity]:
    mentions = {f.name: set(_GLOBAL.findall("\n".join(f.body))) for f in functions}
    found = {name}
    while True:
        more = {f for f, names in mentions.items() if f.strip('"') not in found and names & found}
        if not more:
            return [f for f in functions if f.name.strip('"') in found - {name}]
        found |= {n for f in more for n in (f, f.strip('"'))}
