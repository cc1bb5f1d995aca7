"""Level assembly: a function without its directives, which are put back."""

from coopbench.agents.levels.craft import Proposal, Shown, Subject, with_text
from coopbench.agents.protocol.asm import asm_view, splice_asm
from coopbench.agents.protocol.malformed import Malformation
from coopbench.agents.protocol.reply import Language, Reply
from coopbench.harness.base import Level


class AsmCraft:
    """Rewrites of one function in assembly."""

    level = Level.ASM
    language: Language = "asm"
    code_required = True

    def facts(self, _: Subject, /) -> dict[str, object]:
        """Return nothing: the template knows the architectures."""
        return {}

    def show(self, subject: Subject, /) -> Shown:
        """Return the function's instructions and labels, and its constants as comments."""
        arch = subject.around.target.arch
        return Shown(asm_view(subject.text, subject.spot.function, arch).text)

    def propose(self, subject: Subject, reply: Reply, /) -> Proposal | Malformation:
        """Return the file with the function replaced."""
        arch = subject.around.target.arch
        code = reply.code or ""
        return with_text(subject, splice_asm(subject.text, subject.spot.function, code, arch))
