"""Profiles: linking an instrumented program, and merging what it wrote.

An instrumented program uses clang's profile runtime of the host, which distributions compile
against their own C library. It is linked against the pinned one like every other executable, so
that the code that is trained sees the same headers as the code that uses the profile; the few
functions that only other C libraries have are given here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from coopbench.harness.errors import MissingToolError
from coopbench.harness.storage_errors import storage_errors
from coopbench.harness.toolchain.cache import write_aside
from coopbench.harness.toolchain.compilers import Compiler
from coopbench.harness.toolchain.constituents import Source, assemble, compile_to_asm
from coopbench.harness.toolchain.link import link_step
from coopbench.harness.toolchain.runtime import Runtime
from coopbench.harness.toolchain.setting import Setting
from coopbench.harness.toolchain.step import BuildFailure, Context, Step, run_step

_SHIM = """\
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEAK __attribute__((weak))

WEAK int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    (void)flag;
    va_list list;
    va_start(list, format);
    int result = vfprintf(file, format, list);
    va_end(list);
    return result;
}

WEAK int __snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...)
{
    (void)flag;
    (void)room;
    va_list list;
    va_start(list, format);
    int result = vsnprintf(text, size, format, list);
    va_end(list);
    return result;
}

WEAK void *__memcpy_chk(void *to, const void *from, size_t size, size_t room)
{
    (void)room;
    return memcpy(to, from, size);
}

WEAK char *__strncpy_chk(char *to, const char *from, size_t size, size_t room)
{
    (void)room;
    return strncpy(to, from, size);
}

WEAK long __isoc23_strtol(const char *text, char **end, int base)
{
    return strtol(text, end, base);
}

WEAK FILE *fopen64(const char *name, const char *mode)
{
    return fopen(name, mode);
}

WEAK int open64(const char *name, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    int mode = va_arg(list, int);
    va_end(list);
    return open(name, flags, mode);
}
"""


def link_instrumented(
    setting: Setting, runtime: Runtime, objects: Sequence[Path], out: Path
) -> Path | BuildFailure:
    """Link instrumented objects with the profile runtime into the executable `out`.

    Args:
        setting: The compiler whose profile runtime is used, and what the objects were made for.
        runtime: The C library for the same architecture.
        objects: The objects, with one `main` among them.
        out: The executable to write.
    """
    library = setting.compiler.profile_runtime
    if library is None:
        raise MissingToolError(f"{setting.compiler.id} has no profile runtime")
    shim = compile_to_asm(setting, Source("shim.c", _SHIM), ("-O2", "-fno-builtin"))
    made = shim if isinstance(shim, BuildFailure) else assemble(setting, shim.read())
    if isinstance(made, BuildFailure):
        return made
    inputs = [(f"{i}.o", path.read_bytes()) for i, path in enumerate(objects)]
    inputs.append(("shim.o", made.read()))
    context = replace(setting.context, confinement=None)
    wanted = ("-u", "__llvm_profile_runtime")
    linked = run_step(context, link_step(context, runtime, inputs, flags=wanted, library=library))
    if isinstance(linked, BuildFailure):
        return linked
    with storage_errors(out):
        write_aside(out, linked.read(), 0o755)
    return out


def merge_raw(context: Context, compiler: Compiler, raw: Iterable[bytes]) -> bytes | BuildFailure:
    """Merge raw profiles into one indexed profile.

    Args:
        context: Cache, limits and confinement; the raw profiles come from untrusted code.
        compiler: The compiler that instrumented.
        raw: Contents of the raw profiles.
    """
    tool = compiler.tools.profdata
    if tool is None:
        raise MissingToolError(f"{compiler.id} has no llvm-profdata of its own version")
    inputs = tuple((f"{i}.profraw", data) for i, data in enumerate(raw))
    names = (name for name, _ in inputs)
    step = Step("profile", tool, ("merge", *names, "-o", "out.profdata"), inputs, "out.profdata")
    merged = run_step(context, step)
    return merged if isinstance(merged, BuildFailure) else merged.read()
