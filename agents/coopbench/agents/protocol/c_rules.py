"""What a C answer may hold beside the function: checked on the preprocessor's lines and attributes.

The build and the referee are what keeps a candidate honest; these rules keep an edit to one
function from reaching into the rest of the file, the instruction set or the float semantics.
"""

import re

from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

_HEADER_STEMS = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal
stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath time
uchar wchar wctype immintrin x86intrin xmmintrin emmintrin pmmintrin tmmintrin smmintrin nmmintrin wmmintrin
arm_neon arm_acle arm_sve
"""
HEADERS = frozenset(f"{stem}.h" for stem in _HEADER_STEMS.split())
"""Headers of C and of the targets' intrinsics."""
_PRAGMAS = re.compile(
    r"(clang\s+loop|GCC\s+(unroll|ivdep)|(no)?unroll|omp\s+simd|(clang|GCC)\s+diagnostic|once"
    r"|STDC\s+FP_CONTRACT\s+OFF)\b"
)
_DIRECTIVE = re.compile(r"^[ \t]*(?:#|%:|\?\?=)[ \t]*(\w*)[ \t]*(.*)", re.MULTILINE)
_PRAGMA_OPERATOR = re.compile(r'\b_Pragma\s*\(\s*L?"((?:[^"\\\n]|\\.)*)"')
_ATTRIBUTE = re.compile(r"\b__attribute(?:__)?\b|\[\[|\b__declspec\b")
_ATTRIBUTE_BANNED = re.compile(
    r"\b_*(target|target_clones|target_version|constructor|destructor|ifunc|alias|weakref|weak"
    r"|section|optimize|init_priority|visibility|copy)_*\b"
)
_LONGEST_ATTRIBUTE = 300
_COMMENT = re.compile(
    r'//[^\n]*|/\*.*?(?:\*/|\Z)|("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')', re.DOTALL
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_KEYWORDS = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline
    int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while main defined
    """.split()  # noqa: SIM905 - a word list is read more easily
)
_OPENING = frozenset({"if", "ifdef", "ifndef"})
_PLAIN = frozenset(
    {"if", "ifdef", "ifndef", "else", "elif", "elifdef", "elifndef", "endif", "undef", "error"}
    | {"warning", ""}
)


def without_comments(code: str) -> str:
    """Return C code with continued lines joined and comments replaced by a space."""
    return _COMMENT.sub(lambda m: m[1] or " ", code.replace("\\\n", ""))


def directive_objection(code: str, source: str, elsewhere: str) -> Malformation | None:
    """Return what the preprocessor's lines and attributes of an answer must not say.

    Args:
        code: The answer, without comments.
        source: The file.
        elsewhere: The file without the function's body, which a new macro must not reach.
    """
    depth = 0
    for name, rest in _DIRECTIVE.findall(code):
        depth += (name in _OPENING) - (name == "endif")
        if problem := _directive(name, rest.strip(), source, elsewhere):
            return problem
        if depth < 0:
            break
    if depth:
        text = "Every #if needs its #endif within the code."
        return Malformation(Malformed.WRONG_LANGUAGE, text)
    for text in _PRAGMA_OPERATOR.findall(code):
        if not _PRAGMAS.match(text.strip()):
            return _unknown(f"the pragma {shortened(text)!r}")
    return _attribute_objection(code)


def _directive(name: str, rest: str, source: str, elsewhere: str) -> Malformation | None:
    if name == "include":
        return _include(rest, source)
    if name == "define":
        return _macro(rest, source, elsewhere)
    if name == "pragma":
        return None if _PRAGMAS.match(rest) else _unknown(f"the pragma {shortened(rest)!r}")
    return None if name in _PLAIN else _unknown(f"the directive #{shortened(name)}")


def _include(rest: str, source: str) -> Malformation | None:
    path = rest.strip('<>"')
    if rest == f"<{path}>" and path in HEADERS:
        return None
    if any(n == "include" and r.strip() == rest for n, r in _DIRECTIVE.findall(source)):
        return None
    text = f"#include {shortened(rest)} is not allowed; only C's own headers and those of the"
    return Malformation(Malformed.UNKNOWN_OPTION, f"{text} target's intrinsics are.")


def _macro(rest: str, source: str, elsewhere: str) -> Malformation | None:
    word = _WORD.match(rest)
    name = word[0] if word else ""
    if name in _KEYWORDS:
        return _unknown(f"a macro named {name!r}")
    if name and re.search(rf"\b{name}\b", elsewhere) and not _defines(source, rest):
        return Malformation(
            Malformed.TWO_CANDIDATES,
            f"The macro {shortened(name)!r} would change other parts of the file, where the name "
            "is used; choose another name.",
        )
    return None


def _defines(source: str, rest: str) -> bool:
    wanted = rest.split()
    return any(n == "define" and r.split() == wanted for n, r in _DIRECTIVE.findall(source))


def _attribute_objection(code: str) -> Malformation | None:
    for match in _ATTRIBUTE.finditer(code):
        part = code[match.end() : match.end() + _LONGEST_ATTRIBUTE]
        ends = [at for mark in ("))", "]]", "{", ";") if (at := part.find(mark)) >= 0]
        if banned := _ATTRIBUTE_BANNED.search(part[: min(ends, default=len(part))]):
            return _unknown(f"the attribute {banned[1]!r}")
    return None


def _unknown(what: str) -> Malformation:
    return Malformation(
        Malformed.UNKNOWN_OPTION,
        f"The answer contains {what}, which is not allowed; the instruction set, the float rules "
        "and all but the one function stay as they are.",
    )
