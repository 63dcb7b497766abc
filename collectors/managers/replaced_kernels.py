"""Kernels on systems whose package managers keep one of each kind: Arch and Alpine remove the old one's modules."""

import re

from collectors.managers.manager import RebootAnswer
from collectors.sections import Sections
from fleet.answers import Answer
from fleet.hostile import clean_name


def read_replaced_kernel(sections: Sections, name: str) -> RebootAnswer | None:
    """Whether the kernel that runs was replaced, by the section ``name``; None where no kernel of its kind is there.

    Raises:
        UnreadableOutput: the section is not what the probe prints.
    """
    section = sections.find(name)
    system = sections.find("system")
    if section is None or system is None or system.values().get("container"):
        return None
    facts = [line.partition("=")[::2] for _, line in section.lines()]
    kernels = [value for key, value in facts if key == "kernel"]
    running = next((value for key, value in facts if key == "running"), "")
    same_kind = [clean_name(kernel) for kernel in kernels if _kind(kernel) == _kind(running)]
    if not running or not same_kind:
        return None
    release = clean_name(running)
    if ("modules", "gone") in facts:
        return RebootAnswer(
            Answer.YES, f"Kernel {same_kind[-1]} is installed, {release} runs and its modules are gone."
        )
    if same_kind == [release]:
        return RebootAnswer(Answer.NO, f"The installed kernel runs ({release}).")
    return None


def _kind(release: str) -> str:
    """What kernels of one package have in common: 6.6.8-arch1-1 and 6.7.1-arch2-1, not 6.6.8-1-lts."""
    return re.sub(r"[0-9]+", "0", release[:256].partition("-")[2])
