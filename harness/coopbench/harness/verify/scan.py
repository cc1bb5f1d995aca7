"""Static scan of an object file: what it imports, and instructions that leave the program.

The scan is the first, cheapest rung. It is not the barrier: that is the sandbox's
system-call filter. It finds cheats early and names them.
"""

import re
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from coopbench.harness.errors import InfraError

KERNEL_IMPORTS = frozenset(
    """
    memcpy memmove memset memcmp memchr memrchr bcmp strlen strnlen strcmp strncmp strchr strrchr
    strstr strcpy strncpy strcat strncat strspn strcspn strpbrk
    malloc calloc realloc free aligned_alloc posix_memalign abs labs llabs div ldiv qsort bsearch
    abort __stack_chk_fail __assert_fail
    """.split()  # noqa: SIM905 - a word list is read more easily
)
"""What a kernel may call besides the math library and the compiler's own helpers."""

PROGRAM_IMPORTS = KERNEL_IMPORTS | frozenset(
    """
    main printf fprintf sprintf snprintf vprintf vfprintf vsprintf vsnprintf puts putchar fputs fputc
    putc fwrite fflush fread fgets fgetc getc getchar ungetc getline getdelim scanf fscanf sscanf
    vsscanf feof ferror clearerr setvbuf setbuf perror putchar_unlocked getchar_unlocked
    fwrite_unlocked fread_unlocked putc_unlocked getc_unlocked stdin stdout stderr
    exit _Exit atexit strtol strtoul strtoll strtoull strtod strtof atoi atol atoll atof
    strdup strndup strtok strtok_r strerror strcasecmp strncasecmp memccpy stpcpy
    isalpha isdigit isalnum isspace isupper islower ispunct isprint isxdigit iscntrl isgraph isblank
    tolower toupper __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __errno_location errno
    rand srand rand_r longjmp setjmp _setjmp read write
    """.split()  # noqa: SIM905 - a word list is read more easily
)
"""What a whole program may call: reading its input, writing its output, memory, text."""

CLOCK_IMPORTS = frozenset(
    """
    clock time gettimeofday clock_gettime clock_getres times getrusage ftime timespec_get
    """.split()  # noqa: SIM905 - a word list is read more easily
)
"""What tells the time; no subject may, or it could tell a timed run from a tested one."""

_MATH = re.compile(
    r"^(a?(sin|cos|tan)h?|atan2|exp|exp2|expm1|log|log2|log10|log1p|pow|sqrt|cbrt|hypot|fabs|floor|ceil"
    r"|round|lround|llround|trunc|rint|lrint|llrint|nearbyint|fmod|remainder|fmin|fmax|fma|fdim"
    r"|copysign|scalbn|scalbln|ldexp|frexp|modf|ilogb|logb|erf|erfc|tgamma|lgamma|sincos)[fl]?$"
)
_COMPILER = re.compile(
    r"^(__(u?div|u?mod|mul|add|sub|neg|ashl|ashr|lshr|u?cmp|clz|ctz|ffs|parity|popcount|bswap|fix|fixuns"
    r"|float|floatun|extend|trunc|pow|unord|eq|ne|lt|le|gt|ge|udivmod|divmod)[a-z]*\d*"
    r"|_GLOBAL_OFFSET_TABLE_|__powidf2|__powisf2|__memcpy_chk|__memset_chk)$"
)
_LEAVES = re.compile(r"\b(syscall|sysenter|svc|hvc|smc|int)\b(?:\s+(\S+))?")
_SECTIONS = (".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors", ".init", ".fini")


def scan_object(
    path: Path, disassembly: str, *, kernel: bool, own: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return what the object must not contain, one line each; empty means clean.

    Args:
        path: The candidate's object file.
        disassembly: Its disassembly, one instruction a line.
        kernel: Whether the stricter list for kernels applies.
        own: Symbols that the candidate's other objects define.

    Raises:
        InfraError: if the file is no ELF object (a builder's mistake, not a candidate's).
    """
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            allowed = (KERNEL_IMPORTS if kernel else PROGRAM_IMPORTS) | own
            findings = [*_imports(elf, allowed), *_sections(elf)]
    except (ELFError, OSError) as e:
        raise InfraError(f"cannot read the object file {path.name}: {e}") from e
    return (*findings, *_instructions(disassembly))


def defined_and_needed(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the global symbols an object defines and those it leaves undefined."""
    defined: set[str] = set()
    needed: set[str] = set()
    with path.open("rb") as file:
        for symbol in _symbols(ELFFile(file)):
            if symbol.entry.st_info.bind != "STB_LOCAL" and symbol.name:
                where = needed if symbol.entry.st_shndx == "SHN_UNDEF" else defined
                where.add(symbol.name)
    return frozenset(defined), frozenset(needed)


def _symbols(elf: ELFFile):  # type: ignore[no-untyped-def] # pyelftools has no types
    for section in elf.iter_sections():
        if isinstance(section, SymbolTableSection):
            yield from section.iter_symbols()


def _imports(elf: ELFFile, allowed: frozenset[str]) -> list[str]:
    found = []
    for symbol in _symbols(elf):
        name = symbol.name
        if symbol.entry.st_info.type == "STT_LOOS":
            found.append(f"symbol {name!r} is an indirect function, resolved before main")
        if symbol.entry.st_shndx != "SHN_UNDEF" or not name:
            continue
        if name not in allowed and not _MATH.match(name) and not _COMPILER.match(name):
            found.append(f"imports {name!r}, which is not on the allow-list")
    return found


def _sections(elf: ELFFile) -> list[str]:
    return [
        f"has section {s.name!r}, which runs code outside the function under test"
        for s in elf.iter_sections()
        if s.name.startswith(_SECTIONS) and s.data_size > 0
    ]


def _instructions(disassembly: str) -> list[str]:
    found = []
    for line in disassembly.splitlines():
        code = line.split(":", 1)[-1].split("#", 1)[0].split("//", 1)[0]
        hit = _LEAVES.search(code.replace("\t", " "))
        # `int` only as the software interrupt of x86; int3 is a trap that compilers emit
        if hit and (hit[1] != "int" or (hit[2] or "").startswith("$")):
            found.append(f"contains the instruction {' '.join(code.split())!r}")
    return found[:5]
