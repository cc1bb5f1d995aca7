"""The errors the program raises on its own account.

A candidate's failure is never an exception: it is an `Outcome` with evidence. What stands
here is either the user's mistake or our own trouble, and the command line tells them apart
by exit code.
"""


class CoopBenchError(Exception):
    """Anything the program reports without a traceback."""


class UsageError(CoopBenchError):
    """The user gave something wrong; the message names it and the remedy (exit code 2)."""


class InfraError(CoopBenchError):
    """The machine failed us, not the candidate: a tool crashed, the disk is full (exit code 3)."""


class MissingToolError(UsageError):
    """A tool that this action needs is not installed; the message says how to get it."""
