"""The named ways in which a model's answer can be unusable; a closed list, counted by name."""

from dataclasses import dataclass
from enum import StrEnum


class Malformed(StrEnum):
    """Why an answer cannot be used as it is."""

    TRUNCATED = "truncated"
    """Cut off: at the limit of tokens, within a fence, or too long to be read to its end."""
    NO_CODE = "no_code"
    TWO_CANDIDATES = "two_candidates"
    """More than one version, or one name defined twice."""
    CHANGED_SIGNATURE = "changed_signature"
    """Name, parameters or result of the function, or what the file shows to the outside."""
    ECHO = "echo"
    """The input, unchanged but for comments and white space."""
    REST_UNCHANGED = "rest_unchanged"
    """Parts are left out, with a comment in their place."""
    WRONG_LANGUAGE = "wrong_language"
    """Not the language asked for, or parts of it that an answer must not use."""
    INVALID_JSON = "invalid_json"
    NO_JSON = "no_json"
    REFUSAL = "refusal"
    """The model declined."""
    CONTEXT = "context"
    """The model's context window is full."""
    UNKNOWN_OPTION = "unknown_option"
    """A pass, an option, an attribute, an intrinsic, a header… that is not on its closed list."""
    PLACEHOLDER = "placeholder"
    """Text of the format's description, where the answer's own should stand."""


@dataclass(frozen=True)
class Malformation:
    """What is wrong with one answer."""

    kind: Malformed
    message: str
    """One or two sentences that tell the model what to mend."""
