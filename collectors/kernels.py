"""Names of kernel releases: which of two is newer, and which are of the same kind.

``6.1.0-37-amd64`` is version 6.1.0, build 37, flavour amd64. Flavours of a Raspberry Pi hold digits (``rpi-2712``,
``v8+``) and those of Ubuntu a dash or not (``generic``, ``aws-64k``), so a flavour is whatever follows the numbers.
In names of rpm packages it stands around the distribution's mark: ``el8uek.x86_64``, ``el9_4.x86_64+debug``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# 37, 0.deb11.7, 1021, rc4, and rpi7 of Raspberry Pi OS's 6.1.0-rpi7-rpi-v8.
_BUILD = re.compile(r"(?:rc|rpi)?\d+(?:[.~+][a-z0-9]+)*")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
# arch1 of Arch's 6.9.7-arch1-1, zen1, hardened1: always before a number of its own.
_PATCHED = re.compile(r"([a-z]{3,12})\d+")
# 5.14.0-427.13.1.el9_4.x86_64+debug: the minor release in el9_4 changes with every point release.
_RPM = re.compile(
    r"(?P<version>\d+(?:\.\d+)*)-(?P<build>\d[A-Za-z0-9.~^_]*?)"
    r"\.(?P<mark>el|fc|amzn|azl|cm|oe|mga)\d+(?:_\d+)*(?P<kind>[a-z]*)(?P<rest>[.+].*)"
)


@dataclass(frozen=True, slots=True)
class KernelRelease:
    """A kernel release as `uname -r` prints it; ``numbers`` orders releases of one ``flavour``."""

    text: str
    numbers: tuple[int, ...]
    flavour: str

    @property
    def series(self) -> tuple[int, ...]:
        """Major and minor version: 6.12 of 6.12.20-23.97.amzn2023.x86_64."""
        return self.numbers[:2]


def parse_kernel(text: str) -> KernelRelease | None:
    """The release called ``text``, or None where it does not begin with a version."""
    if len(text) > 256:
        return None
    rpm = _RPM.fullmatch(text)
    if rpm is not None:
        return _of_rpm(rpm)
    first, *rest = text.split("-")
    version = _VERSION.match(first)
    if version is None:
        return None
    builds, names = [first], list[str]()
    while rest and (_BUILD.fullmatch(rest[0]) or _is_patched(rest)):
        builds.append(rest.pop(0))
        names.extend(_PATCHED.findall(builds[-1]) if not _BUILD.fullmatch(builds[-1]) else ())
    local = first[version.end() :]
    flavour = "-".join([*names, *rest]) or (local if local == "+" else "")
    return KernelRelease(text, _numbers("-".join(builds)), flavour)


def newest_of_flavour(installed: Iterable[str], flavour: str) -> KernelRelease | None:
    """The newest of ``installed`` that is of ``flavour``; names without a version are left out."""
    kernels = [kernel for kernel in map(parse_kernel, installed) if kernel and kernel.flavour == flavour]
    return max(kernels, key=lambda kernel: kernel.numbers, default=None)


def siblings(running: KernelRelease, installed: Iterable[str], packages: Iterable[str]) -> list[str]:
    """Those of ``installed`` that may be of another package than the one that runs, left out.

    ``packages`` are names of installed packages. ELRepo's kernel-lt and kernel-ml and Amazon's kernel and kernel6.12
    give releases of one look; each but kernel-ml stays within its series, so that the series tells them apart.
    """
    if "elrepo" in running.flavour:
        is_mixed = {"kernel-lt", "kernel-ml"} <= set(packages)
    else:
        is_mixed = running.flavour.startswith("amzn") and any(re.fullmatch(r"kernel\d[\d.]*", n) for n in packages)
    if not is_mixed:
        return list(installed)
    parsed = [(name, parse_kernel(name)) for name in installed]
    return [name for name, kernel in parsed if kernel is not None and kernel.series == running.series]


def _of_rpm(found: re.Match[str]) -> KernelRelease:
    words = [word.rstrip("0123456789") for word in found["build"].split(".") if re.match(r"(?!rc\d|git)[a-z]", word)]
    mark = "" if found["mark"] in ("el", "fc") else found["mark"]
    names = [*words, mark, found["kind"], found["rest"].lstrip(".")]
    return KernelRelease(found[0], _numbers(f"{found['version']}-{found['build']}"), ".".join(filter(None, names)))


def _is_patched(words: list[str]) -> bool:
    return len(words) > 1 and bool(_PATCHED.fullmatch(words[0])) and words[1].isdecimal()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"[0-9]{1,9}", text))
