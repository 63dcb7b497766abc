"""What the app said: toasts vanish, this stays."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One line that was shown, and when."""

    at: datetime
    text: str
    is_error: bool
