"""The services of apprise: mail, chats, push, and whatever else it knows, each behind a URL of its own."""

import logging
import re
from typing import TYPE_CHECKING

from fleet.deliveries import Answer
from ops.messages.carrying.parcels import Parcel, Route, delivered, failed

if TYPE_CHECKING:
    import apprise

_TYPES = {"Critical": "failure", "Error": "failure", "Warning": "warning", "Informational": "info"}
# What calls everybody of a chat, or somebody: a machine's name must not.
_CALLS = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[@!#])", re.IGNORECASE)


class _Said(logging.Handler):
    """Remembers the last that was said; apprise tells why something failed by logging it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps what the record says."""
        self.last = record.getMessage()


def carry(route: Route, parcel: Parcel) -> Answer:
    """Hands ``parcel`` to the service behind the URL of ``route``."""
    import apprise

    said = _listen()
    # One after the other in this thread, no redirects, nothing written to the disk.
    asset = apprise.AppriseAsset(app_id="Patchdeck", async_mode=False, http_redirects=False, storage_mode="memory")
    sender = apprise.Apprise(asset=asset)
    if not sender.add(route.url):
        return failed("nothing takes this URL: see https://appriseit.com/services/")
    result = sender.notify(
        body=_without_calls(parcel.text or parcel.title),
        title=_without_calls(parcel.title),
        notify_type=_TYPES.get(parcel.severity, "info"),
        body_format=apprise.NotifyFormat.TEXT,
        attach=_attachments(parcel, asset),
    )
    name = str(sender[0].service_name)
    if result:
        return delivered(f"{name} took it")
    return failed(f"{name} did not take it{f': {said.last}' if said.last else ''}")


def _listen() -> _Said:
    logger = logging.getLogger("apprise")
    said = _Said()
    logger.handlers = [said]
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    return said


def _attachments(parcel: Parcel, asset: "apprise.AppriseAsset") -> "apprise.AppriseAttachment | None":
    if not parcel.attachments:
        return None
    import apprise
    from apprise.attachment.memory import AttachMemory

    files = apprise.AppriseAttachment(asset=asset)
    for each in parcel.attachments:
        media_type = each.media_type.partition(";")[0].strip()
        # apprise is partly typed
        files.add(AttachMemory(content=each.text, name=each.name, mimetype=media_type))  # type: ignore[no-untyped-call]
    return files


def _without_calls(text: str) -> str:
    return _CALLS.sub(lambda match: f"{match[0]} ", text)
