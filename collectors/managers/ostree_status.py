"""``rpm-ostree status --json``: Fedora CoreOS, Silverblue and its like, RHEL for Edge."""

import re
from collections.abc import Iterator
from typing import cast

from collectors.managers.ostree_image import Image, ImageAdvisory, ImageState, read_seconds
from collectors.managers.ostree_json import JsonObject, get_list, get_number, get_object, get_text, parse_object
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.facts import UpdateModel
from fleet.hostile import clean_name

# libdnf's DnfAdvisoryKind and rpm-ostree's RpmOstreeAdvisorySeverity, as numbers in a(suuasa{sv}).
_KINDS = {1: "security", 2: "bugfix", 3: "enhancement", 4: "newpackage"}
_SEVERITIES = {1: "low", 2: "moderate", 3: "important", 4: "critical"}
_CVE = re.compile(r"CVE-\d{4}-\d{4,12}")
_MOST = 10_000


def read_status(section: Section) -> ImageState:
    """The state that rpm-ostree tells.

    Raises:
        UnreadableOutput: it is no answer of rpm-ostree, or nothing is booted.

    Source: rpm-ostree 2018 to 2025; the captures' README says where the tests' answers come from.
    """
    status = parse_object(section)
    deployments = [cast("JsonObject", d) for d in get_list(status, "deployments")[:_MOST] if isinstance(d, dict)]
    booted = next((deployment for deployment in deployments if deployment.get("booted") is True), None)
    if booted is None:
        raise UnreadableOutput(section.name, 1, "(no deployment is booted)")
    image = _read_image(booted)
    first = deployments[0]
    update = get_object(status, "cached-update")
    available = _read_available(update, image, [_read_image(deployment) for deployment in deployments])
    return ImageState(
        model=UpdateModel.RPM_OSTREE,
        booted=image,
        next=None if first is booted else _read_image(first),
        is_staged=first is not booted and first.get("staged") is True,
        available=available,
        is_checked=update is not None,
        advisories=_read_advisories(update) if update is not None else None,
        size_bytes=get_number(get_object(update, "manifest-diff"), "added-size") if available else None,
        layered=tuple(clean_name(p) for p in get_list(booted, "requested-packages")[:_MOST] if isinstance(p, str)),
        transaction=" ".join(clean_name(word) for word in get_list(status, "transaction")[:2] if isinstance(word, str)),
        driver=get_text(get_object(status, "update-driver"), "driver-name"),
    )


def _read_image(values: JsonObject) -> Image:
    """The base of a deployment: layered packages have a commit of their own, which no server knows."""
    digest = get_text(values, "container-image-reference-digest") or get_text(values, "base-checksum")
    return Image(
        source=get_text(values, "container-image-reference")
        or get_text(values, "origin")
        or get_text(values, "osname"),
        version=get_text(values, "base-version") or get_text(values, "version"),
        digest=digest or get_text(values, "checksum"),
        made_at=read_seconds(get_number(values, "base-timestamp") or get_number(values, "timestamp")),
    )


def _read_available(update: JsonObject | None, booted: Image, kept: list[Image]) -> Image | None:
    """The image of the last check; None where it is booted or deployed already."""
    if update is None:
        return None
    image = _read_image(update)
    if not image.digest or any(image.digest == known.digest for known in kept):
        return None
    # A check that found new layered packages alone names the commit that is booted.
    return Image(image.source or booted.source, image.version, image.digest, image.made_at)


def _read_advisories(update: JsonObject) -> tuple[ImageAdvisory, ...] | None:
    if "advisories" not in update:
        return None
    return tuple(_advisories(get_list(update, "advisories")[:_MOST]))


def _advisories(rows: list[object]) -> Iterator[ImageAdvisory]:
    for row in rows:
        if not isinstance(row, list) or len(row) < 3 or not isinstance(row[0], str):
            continue
        kind, severity = row[1], row[2]
        yield ImageAdvisory(
            name=clean_name(row[0]),
            kind=_KINDS.get(kind, "") if isinstance(kind, int) else "",
            severity=_SEVERITIES.get(severity, "") if isinstance(severity, int) else "",
            cves=tuple(dict.fromkeys(_CVE.findall(str(row[4])[:100_000]))) if len(row) > 4 else (),
        )
