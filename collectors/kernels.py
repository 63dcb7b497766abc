"""Names of kernel releases: which of two is newer, and which are of the same kind.

``6.1.0-37-amd64`` is version 6.1.0, build 37, flavour amd64. Flavours of a Raspberry Pi hold digits (``rpi-2712``,
``v8+``) and those of Ubuntu a dash or not (``generic``, ``aws-64k``), so a flavour is whatever follows the numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# 37, 0.deb11.7, 1021, rc4, and rpi7 of Raspberry Pi OS's 6.1.0-rpi7-rpi-v8.
_BUILD = re.compile(r"(?:rc|rpi)?\d+(?:[.~+][a-z0-9]+)*")
_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class KernelRelease:
    """A kernel release as `uname -r` prints it; ``numbers`` orders releases of one ``flavour``."""

    text: str
    numbers: tuple[int, ...]
    flavour: str


def parse_kernel(text: str) -> KernelRelease | None:
    """The release called ``text``, or None where it does not begin with a version."""
    first, *rest = text.split("-")
    version = _VERSION.match(first)
    if version is None or len(text) > 256:
        return None
    builds = [first]
    while rest and _BUILD.fullmatch(rest[0]):
        builds.append(rest.pop(0))
    numbers = tuple(int(digits) for build in builds for digits in re.findall(r"[0-9]{1,9}", build))
    local = first[version.end() :]
    return KernelRelease(text, numbers, "-".join(rest) or (local if local == "+" else ""))


def newest_of_flavour(installed: Iterable[str], flavour: str) -> KernelRelease | None:
    """The newest of ``installed`` that is of ``flavour``; names without a version are left out."""
    kernels = [kernel for kernel in map(parse_kernel, installed) if kernel and kernel.flavour == flavour]
    return max(kernels, key=lambda kernel: kernel.numbers, default=None)
