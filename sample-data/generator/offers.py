"""What a machine of the sample fleet is offered: an update, and what becomes of the machine when it is installed."""

from dataclasses import dataclass
from datetime import datetime

from fleet.updates import Update


@dataclass(frozen=True, slots=True)
class Offer:
    """An update with what the package manager does not say of it.

    Installing it brings ``stream`` (a package, or a stream of Windows updates) to ``number``.
    """

    update: Update
    stream: str
    number: int
    published_at: datetime
    needs_reboot: bool
    install_seconds: float
    is_optional: bool = False
