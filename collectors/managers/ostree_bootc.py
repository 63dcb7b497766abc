"""``bootc status --json``: systems that are container images, such as RHEL's image mode."""

from datetime import UTC, datetime

from collectors.managers.ostree_image import Image, ImageState
from collectors.managers.ostree_json import JsonObject, get_object, get_text, parse_object
from collectors.sections import Section
from fleet.facts import UpdateModel


def read_bootc(section: Section) -> ImageState | None:
    """The state that bootc tells; None where the machine was not booted from a container image.

    Raises:
        UnreadableOutput: it is no JSON object.

    Source: bootc's host schema, org.containers.bootc/v1alpha1 and v1; see the captures' README.
    """
    status = get_object(parse_object(section), "status")
    entry = get_object(status, "booted")
    booted = _read_image(get_object(entry, "image"))
    if booted is None or status is None:
        return None
    staged = _read_image(get_object(get_object(status, "staged"), "image"))
    rollback = _read_image(get_object(get_object(status, "rollback"), "image"))
    cached = _read_image(get_object(entry, "cachedUpdate"))
    known = {image.digest for image in (booted, staged) if image is not None}
    return ImageState(
        model=UpdateModel.BOOTC,
        booted=booted,
        next=staged or (rollback if status.get("rollbackQueued") is True else None),
        is_staged=staged is not None,
        available=cached if cached is not None and cached.digest not in known else None,
        is_checked=cached is not None,
        is_incompatible=entry is not None and entry.get("incompatible") is True,
    )


def _read_image(values: JsonObject | None) -> Image | None:
    digest = get_text(values, "imageDigest")
    if not digest:
        return None
    source = get_text(get_object(values, "image"), "image")
    return Image(source or "an image", get_text(values, "version"), digest, _parse_time(get_text(values, "timestamp")))


def _parse_time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
