"""A model as a program (JSON on standard input and output): one good rewrite for each level.

It knows one kernel: the C text it answers with is given as a file, with two superfluous stores
that it then removes at the levels below. Nothing but the standard library is used.
"""

import json
import re
import sys
from pathlib import Path

FOR_IR, FOR_ASM = 54321, 12345
CLAIM = {"transformation": "less work", "legality": "same results", "expected": "faster"}
FENCE = re.compile(r"^(`{3,})\w*\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)


def code(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```\n```json\n{json.dumps(CLAIM)}\n```"


def choice(step: str) -> str:
    number = int(re.findall(r"\d+", step)[0])
    actions = [
        {"action": "rewrite", "level": "c", "parent": "n0", "attempts": 1},
        {"action": "rewrite", "level": "ir", "parent": "n1", "attempts": 1},
        {"action": "rewrite", "level": "asm", "parent": "n3", "attempts": 1},
        {"action": "finish", "reason": "one good rewrite for each level"},
    ]
    return f"```json\n{json.dumps(actions[min(number, 4) - 1])}\n```"


def without_ir_store(text: str) -> str:
    return "\n".join(x for x in text.splitlines() if f"store volatile i32 {FOR_IR}," not in x)


def without_asm_store(text: str) -> str:
    lines = text.splitlines()
    loads = [x for x in lines if re.search(rf"[$#]{FOR_ASM}\b", x)]
    dropped = [x for x in loads if re.search(r"\(%r[sb]p\)", x)]
    registers = {m[1] for x in loads if (m := re.search(r"\bmov\s+w(\d+)", x))}
    stores = ((x, re.search(r"\bstr\s+w(\d+), \[(?:sp|x29)", x)) for x in lines)
    dropped += [x for x, m in stores if m and m[1] in registers]
    return "\n".join(x for x in lines if x not in dropped)


def answer(request: dict[str, object], rewritten: str) -> str:
    messages = request["messages"]
    assert isinstance(messages, list)
    last = str(messages[-1]["text"])
    match str(request["role"]):
        case "guide":
            return choice(str(request["step"]))
        case "c":
            return code(rewritten, "c")
        case "ir":
            return code(without_ir_store(FENCE.findall(last)[0][1]), "llvm")
        case "asm":
            return code(without_asm_store(FENCE.findall(last)[0][1]), "asm")
    return "I have no tests to propose."


if __name__ == "__main__":
    text = answer(json.load(sys.stdin), Path(sys.argv[1]).read_text())
    json.dump({"text": text, "model": "chain", "usage": {"input_tokens": 10}}, sys.stdout)
