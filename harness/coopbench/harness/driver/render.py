"""Writes the driver's C source from a contract."""

from functools import lru_cache
from importlib.resources import files

import jinja2

from coopbench.harness.contract import Contract

MAGIC = 0x6E6177726564616C
"""First word of every arena."""


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(  # noqa: S701 - the output is C, not HTML
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("coopbench.harness.driver").joinpath("driver.c.j2").read_text("utf-8")
    return environment.from_string(source)


def driver_source(contract: Contract, *, emulated: bool, training: bool = False) -> str:
    """Return the C source of the trusted driver for a kernel with this contract.

    Args:
        contract: The kernel's contract.
        emulated: It will run under an emulator, which offers no system-call filter.
        training: It will run an instrumented kernel, which writes a profile when it exits.
    """
    return _template().render(
        contract=contract, magic=hex(MAGIC), emulated=emulated, training=training
    )
