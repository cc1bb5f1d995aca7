"""The contract of a kernel: its typed signature, preconditions and float policy.

The contract *is* the specification that entrants see: a candidate must agree with the
reference on every input that satisfies it, and on no other.
"""

from enum import StrEnum
from functools import cache
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from coopbench.harness import expr
from coopbench.harness.base import Frozen


@cache
def _dtype(name: str) -> np.dtype[np.generic]:
    code = {"size": "u8", "f32": "f4", "f64": "f8"}.get(name)
    return np.dtype(f"<{code or f'{name[0]}{int(name[1:]) // 8}'}")


class ScalarType(StrEnum):
    """Element types of parameters, arrays and return values."""

    I8 = "i8"
    U8 = "u8"
    I16 = "i16"
    U16 = "u16"
    I32 = "i32"
    U32 = "u32"
    I64 = "i64"
    U64 = "u64"
    SIZE = "size"
    F32 = "f32"
    F64 = "f64"

    @property
    def ctype(self) -> str:
        """The C type, from <stdint.h> and <stddef.h>."""
        return {"size": "size_t", "f32": "float", "f64": "double"}.get(
            self.value, f"{'u' if self.value[0] == 'u' else ''}int{self.value[1:]}_t"
        )

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The little-endian numpy type of the same bytes."""
        return _dtype(self.value)

    @property
    def is_float(self) -> bool:
        """True for `f32` and `f64`."""
        return self in (ScalarType.F32, ScalarType.F64)


Spelling = Literal["", "char", "long long", "unsigned long long", "_Bool"]
"""C types that are distinct from those of <stdint.h> although they look the same in memory."""


class Role(StrEnum):
    """What a kernel may do with an array."""

    IN = "in"
    OUT = "out"
    INOUT = "inout"
    SCRATCH = "scratch"


class Special(StrEnum):
    """Classes of special float values a contract may allow."""

    NAN = "nan"
    INF = "inf"
    NEGZERO = "negzero"
    DENORMAL = "denormal"


class Distribution(Frozen):
    """How visible, hidden and timed inputs of an array or scalar are drawn."""

    kind: Literal[
        "uniform",
        "normal",
        "small_integers",
        "constant",
        "few",
        "skewed",
        "ascending",
        "descending",
        "permutation",
        "offsets",
        "alphabet",
        "words",
        "utf8",
        "excerpt",
        "bits",
    ]
    """`uniform` over `range`; `normal` (floats); `small_integers` -8..8 (sums stay exact);
    `constant` one random value; `few` 4 distinct values; `skewed` Zipf-like; `ascending`,
    `descending` sorted uniform draws; `permutation` of 0..len-1; `offsets` nondecreasing from
    `first` to `last`; `alphabet` bytes drawn from `letters`; `words` lower-case words and
    spaces; `utf8` valid UTF-8 text, of which a share `damage` gets one mutated byte; `excerpt`
    a slice of array `of` (or a near miss); `bits` any bit pattern of the type."""
    letters: str = ""
    of: str = ""
    first: str = "0"
    last: str = ""
    damage: float = 0.0


class Parameter(Frozen):
    """One parameter of the kernel, in signature order: an array if it has a `shape`."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    type: ScalarType
    shape: str | None = None
    """Number of elements, an expression over the scalar parameters; None for a scalar."""
    role: Role = Role.IN
    min: str | float | None = None
    """Smallest legal value (number, or expression over scalar parameters)."""
    max: str | float | None = None
    """Largest legal value (inclusive)."""
    special: tuple[Special, ...] = (Special.NEGZERO, Special.DENORMAL)
    """Special float values the contract allows; the others never occur in legal input."""
    sorted: bool = False
    """Precondition: values never decrease."""
    fixed: str | None = None
    """A scalar that follows from the others, e.g. `fixed = "rows * cols"`."""
    align: int | None = None
    """Guaranteed alignment in bytes; default: the element's natural alignment."""
    overlaps: str | None = None
    """Name of an earlier array that this one may overlap (placed inside its buffer)."""
    overlap_delta: tuple[int, int] = (0, 0)
    """Range of the distance in elements from the other array's start when they overlap."""
    distributions: tuple[Distribution, ...] = ()
    """Input distributions; the first is the timed one. Required for in and inout arrays."""
    qualifiers: Literal["", "restrict"] = ""
    """C qualifier in the prototype."""
    spelling: Spelling = ""
    """C type as the sources spell it, where that is not the one of <stdint.h> for `type`."""

    @property
    def ctype(self) -> str:
        """The C type of the scalar or of an array's elements."""
        return self.spelling or self.type.ctype

    @property
    def is_array(self) -> bool:
        """True if the parameter is a pointer to elements."""
        return self.shape is not None

    @property
    def is_output(self) -> bool:
        """True if its contents after the call are compared."""
        return self.is_array and self.role in (Role.OUT, Role.INOUT)

    @property
    def is_input(self) -> bool:
        """True if its contents before the call are part of the input."""
        return self.is_array and self.role in (Role.IN, Role.INOUT)

    @property
    def declaration(self) -> str:
        """The parameter as it stands in the C prototype."""
        if not self.is_array:
            return f"{self.ctype} {self.name}"
        const = "const " if self.role is Role.IN else ""
        restrict = "restrict " if self.qualifiers else ""
        return f"{const}{self.ctype} *{restrict}{self.name}"


class FloatPolicy(Frozen):
    """When two float results count as the same.

    `exact`: same bits (NaN payload ignored, sign of zero counts). `ulp`: at most `max_ulp`
    units in the last place apart. `norm`: relative error of the whole output in the 2-norm at
    most `bound`, and every element within `element_bound` of the output's largest magnitude.
    """

    kind: Literal["exact", "ulp", "norm"] = "exact"
    max_ulp: int = 0
    bound: float = 0.0
    element_bound: float = 0.0

    @property
    def relaxed(self) -> bool:
        """True if results may differ in their bits."""
        return self.kind != "exact"


class Contract(Frozen):
    """Signature, preconditions and float policy of a kernel."""

    function: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    returns: ScalarType | None = None
    returns_spelling: Spelling = ""
    """C type of the result as the sources spell it, where that is not the one of <stdint.h>."""
    parameters: tuple[Parameter, ...] = Field(min_length=1)
    float_policy: FloatPolicy = FloatPolicy()
    requires: tuple[str, ...] = ()
    """Preconditions between scalars, each an expression that must be >= 0, e.g. `n - k`."""

    @property
    def scalars(self) -> tuple[Parameter, ...]:
        """The scalar parameters, in order."""
        return tuple(p for p in self.parameters if not p.is_array)

    @property
    def arrays(self) -> tuple[Parameter, ...]:
        """The array parameters, in order."""
        return tuple(p for p in self.parameters if p.is_array)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that name (KeyError if there is none)."""
        for p in self.parameters:
            if p.name == name:
                return p
        raise KeyError(name)

    @property
    def prototype(self) -> str:
        """The kernel's C prototype, without the semicolon."""
        result = self.returns.ctype if self.returns else "void"
        return f"{self.returns_spelling or result} {self.function}({', '.join(p.declaration for p in self.parameters)})"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        seen: set[str] = set()
        scalars = {p.name for p in self.scalars}
        for p in self.parameters:
            if p.name in seen:
                raise ValueError(f"parameter {p.name!r} appears twice")
            seen.add(p.name)
            for text in (p.shape, p.fixed, *(v for v in (p.min, p.max) if isinstance(v, str))):
                if text is not None:
                    _known(f"parameter {p.name!r}", text, scalars)
            if p.is_input and not p.distributions:
                raise ValueError(f"array {p.name!r} is input and needs distributions")
            if p.overlaps is not None and p.overlaps not in {q.name for q in self.arrays}:
                raise ValueError(f"parameter {p.name!r} overlaps unknown array {p.overlaps!r}")
        for text in self.requires:
            _known("requires", text, scalars)
        return self


def _known(where: str, text: str, scalars: set[str]) -> None:
    unknown = expr.names(text) - scalars
    if unknown:
        known = ", ".join(sorted(scalars)) or "none"
        raise ValueError(
            f"{where}: {text!r} refers to unknown parameter {sorted(unknown)[0]!r} (scalars: {known})"
        )
