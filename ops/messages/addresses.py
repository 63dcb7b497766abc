"""URLs that channels lead to: whether one can be used, told before anything is kept, and without telling a secret."""

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fleet.channels import ChannelKind
from fleet.errors import BadInput, nearest_name
from ops.messages.masking import shown_address

if TYPE_CHECKING:
    import apprise

_LONGEST = 4_096


def check_url(kind: ChannelKind, url: str, *, is_secret: bool) -> str:
    """As much of ``url`` as may be shown, if a channel of that kind can lead to it.

    Raises:
        BadInput: it cannot; what is secret of it is not told. Or it holds a password, and is said to be no secret.
    """
    if not url.isprintable() or " " in url or len(url) > _LONGEST or "://" not in url:
        raise BadInput(
            "That is no URL: write SCHEME://… without blanks, for example https://hooks.example.com/patchdeck."
        )
    try:
        parts = urlsplit(url)
        address = shown_address(url, is_secret=is_secret)
    except ValueError:
        # Without its cause: that may hold what was given.
        raise BadInput("That is no URL: its host or its port cannot be read.") from None
    if not is_secret and (parts.password or "@" in parts.netloc):
        raise BadInput("The URL holds a user or a password: leave out --url, and give it at the prompt.")
    if kind is ChannelKind.WEBHOOK and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadInput("A webhook is a URL of the web: https://HOST/PATH. For other services, add an apprise channel.")
    if kind is ChannelKind.APPRISE:
        _check_service(url, parts.scheme)
    return address


def quiet_apprise() -> None:
    """Keeps apprise from logging: it quotes URLs, and with them what they hold."""
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False


def find_service(url: str) -> "apprise.NotifyBase | None":
    """What of apprise takes ``url``; None where nothing does. Takes a moment: hundreds of services are read."""
    import apprise

    quiet_apprise()
    try:
        found = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    except Exception:  # noqa: BLE001 - a plug-in raises what it likes, and may quote the URL
        return None
    return found if isinstance(found, apprise.NotifyBase) else None


def _check_service(url: str, scheme: str) -> None:
    if find_service(url) is not None:
        return
    from apprise.manager_plugins import NotificationManager

    schemas = sorted(NotificationManager().schemas())  # type: ignore[no-untyped-call]  # apprise is partly typed
    if scheme in schemas:
        raise BadInput(
            f"The URL does not say all that {scheme}:// needs, or says what it does not take: see "
            "https://appriseit.com/services/ for its form."
        )
    near = nearest_name(scheme, schemas)
    hint = f" Did you mean {near}://?" if near else ""
    raise BadInput(f"Nothing takes URLs that begin with {scheme[:40]}://.{hint} See https://appriseit.com/services/.")
