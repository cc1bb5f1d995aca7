"""What every record is made of: the frozen base type and the levels of abstraction."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of every record: immutable, unknown keys refused, no NaN or infinity in JSON."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Level(StrEnum):
    """Level of abstraction at which a candidate's text is written."""

    C = "c"
    IR = "ir"
    ASM = "asm"

    @property
    def suffix(self) -> str:
        """File suffix of a text at this level, with the dot."""
        return {Level.C: ".c", Level.IR: ".ll", Level.ASM: ".s"}[self]
