"""Whether a Linux machine must be rebooted, from markers, kernels and the package manager's tool, with the reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.kernels import newest_of_flavour, parse_kernel, siblings
from collectors.managers.manager import RebootAnswer
from collectors.sections import Section
from fleet.answers import Answer
from fleet.hostile import clean, clean_name

# `uname -v` names the build that runs: "... Debian 6.1.140-1 (2025-05-22)" and "#101-Ubuntu SMP ...".
_DEBIAN_BUILD = re.compile(r" Debian ([0-9][^ ]*)")
_UBUNTU_BUILD = re.compile(r"#([0-9][^ ]*)-Ubuntu ")
# These have one version of a kernel only: an upgrade takes the running one's modules away.
_ONE_VERSION_FAMILIES = frozenset({"arch", "archarm", "alpine"})


@dataclass(frozen=True, slots=True)
class RebootState:
    """Whether a reboot is required, and what that rests on.

    ``is_silent``: it is unknown since nothing could be seen, not since what was seen is odd.
    """

    required: Answer
    reason: str
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class RunningKernel:
    """The kernel that runs: its release, its build text, and what says that it is the one of a container's host."""

    release: str
    build: str
    container: str


def combine(seen: RebootState, said: RebootAnswer | None) -> RebootState:
    """What was ``seen`` of markers and kernels together with what the package manager's tool ``said``.

    Yes of either wins. A tool that knows of more than kernels (libraries, services) makes "no" out of an unknown only
    where no kernel stands against it; its own unknown takes nothing from a clear look at the kernels.
    """
    if said is None or seen.required is Answer.YES:
        return seen
    reason = clean(said.reason, 300)
    if said.required is Answer.YES:
        return RebootState(Answer.YES, reason)
    if seen.required is Answer.NO or said.required is Answer.UNKNOWN:
        return seen
    if seen.is_silent:
        return RebootState(Answer.NO, f"{reason} {seen.reason}")
    return seen


def read_reboot(
    section: Section,
    running: RunningKernel,
    installed: Mapping[tuple[str, str], str],
    families: tuple[str, ...] = (),
) -> RebootState:
    """The answer of the section ``reboot``; ``installed`` are the package versions, where known.

    Raises:
        UnreadableOutput: the section is not what the probe prints.
    """
    facts = [line.partition("=")[::2] for _, line in section.lines()]
    values = dict(facts)
    images = [value for name, value in facts if name == "image"]
    modules = [value for name, value in facts if name == "modules"]
    if "marker" in values:
        return RebootState(Answer.YES, _marker_reason(values))
    if running.container:
        return RebootState(Answer.NO, "No reboot marker; a container runs the kernel of its host.")
    if not images and not modules:
        return _without_kernels(values)
    if modules and running.release not in modules and _ONE_VERSION_FAMILIES & set(families):
        gone = f"The modules of the kernel that runs ({clean_name(running.release)}) are gone: it was replaced."
        return RebootState(Answer.YES, gone)
    return _compare(running, (images, modules), installed)


def _marker_reason(values: Mapping[str, str]) -> str:
    packages = clean(", ".join(dict.fromkeys(values.get("packages", "").split())), 300)
    return f"{clean_name(values['marker'])} is there{f': {packages}' if packages else ''}."


def _without_kernels(values: Mapping[str, str]) -> RebootState:
    if "unreadable" in values:
        return RebootState(Answer.UNKNOWN, "No reboot marker; /boot cannot be read by this user.", is_silent=True)
    return RebootState(Answer.NO, "No reboot marker; no kernel is installed here, so a reboot would bring no other.")


def _compare(
    running: RunningKernel, places: tuple[list[str], list[str]], installed: Mapping[tuple[str, str], str]
) -> RebootState:
    """``places`` are names of kernels by their images, and by their modules where no image is of the right flavour:
    some loaders keep images elsewhere, and some systems name them without a version."""
    release = clean_name(running.release)
    kernel = parse_kernel(running.release)
    packages = [name for name, _ in installed]
    newest = None
    for names in places:
        if kernel is not None and newest is None:
            newest = newest_of_flavour(siblings(kernel, names, packages), kernel.flavour)
    if kernel is None or newest is None:
        return RebootState(
            Answer.UNKNOWN, f"No reboot marker; no installed kernel is of the kind that runs ({release})."
        )
    if newest.numbers > kernel.numbers:
        return RebootState(Answer.YES, f"Kernel {clean_name(newest.text)} is installed, {release} runs.")
    if newest.numbers < kernel.numbers:
        reason = f"No reboot marker; {release} runs, but the newest kernel installed is {clean_name(newest.text)}."
        return RebootState(Answer.UNKNOWN, reason)
    rebuilt = _rebuilt_version(running, installed)
    if rebuilt:
        return RebootState(Answer.YES, f"Kernel {release} was replaced by its build {clean_name(rebuilt)} and runs on.")
    return RebootState(Answer.NO, f"No reboot marker; the newest installed kernel runs ({release}).")


def _rebuilt_version(running: RunningKernel, installed: Mapping[tuple[str, str], str]) -> str | None:
    """The installed version of the running release's package where the build that runs is another one."""
    package = f"linux-image-{running.release}"
    version = next((version for (name, _), version in installed.items() if name == package), None)
    debian, ubuntu = _DEBIAN_BUILD.search(running.build), _UBUNTU_BUILD.search(running.build)
    if version is None:
        return None
    if debian:
        return version if version != debian[1] else None
    # 5.15.0-91.101 was built as #101-Ubuntu, 5.15.0-91.101~20.04.1 as #101~20.04.1-Ubuntu.
    if ubuntu and "." in version.partition("-")[2]:
        build = version.partition("-")[2].partition(".")[2]
        return version if build != ubuntu[1] else None
    return None
