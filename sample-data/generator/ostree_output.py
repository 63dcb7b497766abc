"""What rpm-ostree would print on a machine of the sample fleet, as the probe of `collectors` asks for it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from generator.boxes import LinuxBox
from generator.packages import Source
from generator.releases import Release, releases_of
from generator.section_text import Section
from generator.vulnerabilities import worst_of

_KERNEL = "kernel-core\t6.17.10-300.fc43\tx86_64\tkernel-6.17.10-300.fc43.src.rpm"
_SECURITY = 1
_SEVERITIES = {"low": 1, "medium": 2, "high": 3, "critical": 4}


def ostree_sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    """The sections in the order of the probe."""
    status = json.dumps(_status(box, at), indent=2)
    yield Section("ostree-status", status.splitlines())
    yield Section("ostree-packages", [_KERNEL, "zincati\t0.0.30-3.fc43\tx86_64\trust-zincati-0.0.30-3.fc43.src.rpm"])


def _status(box: LinuxBox, at: datetime) -> dict[str, object]:
    source = box.sources()[0]
    ref = source.binaries[0][0]
    number = box.number_of(ref)
    booted = {
        "origin": ref,
        "osname": "fedora-coreos",
        "version": source.version_at(number),
        "base-version": source.version_at(number),
        "checksum": _checksum(source, number),
        "base-checksum": _checksum(source, number),
        "base-timestamp": _made_at(box, source, number),
        "requested-packages": [],
        "booted": True,
        "staged": False,
    }
    newer = box.newer(source, at, ref)
    status: dict[str, object] = {"deployments": [booted], "transaction": None}
    status["cached-update"] = _update(box, source, newer) if newer else booted | {"advisories": []}
    if box.member.name == "k8s-01":
        status["update-driver"] = {"driver-name": "Zincati", "driver-sd-unit": "zincati.service"}
    return status


def _update(box: LinuxBox, source: Source, newer: list[Release]) -> dict[str, object]:
    newest = newer[-1]
    return {
        "origin": source.binaries[0][0],
        "version": newest.version,
        "checksum": _checksum(source, newest.number),
        "timestamp": _made_at(box, source, newest.number),
        "advisories": [_advisory(release) for release in newer if release.is_security],
        "manifest-diff": {"added-size": source.binaries[0][1] * 1000},
    }


def _advisory(release: Release) -> list[object]:
    """As D-Bus has it, a(suuasa{sv}): name, kind, severity, packages, references."""
    name = f"FEDORA-2026-{hashlib.sha1(release.version.encode(), usedforsecurity=False).hexdigest()[:10]}"
    severity = _SEVERITIES[worst_of(release.cve_numbers)]
    references = [[f"https://bugzilla.example/{cve}", f"{cve} is mended"] for cve in release.cve_numbers]
    return [name, _SECURITY, severity, ["kernel-core"], {"cve_references": references}]


def _checksum(source: Source, number: int) -> str:
    return hashlib.sha256(source.version_at(number).encode()).hexdigest()


def _made_at(box: LinuxBox, source: Source, number: int) -> int:
    releases = releases_of(box.member.system.key)[source.name]
    published = next((release.published_at for release in releases if release.number == number), None)
    return int(published.timestamp()) if published else int(box.member.machine.created_at.timestamp())
