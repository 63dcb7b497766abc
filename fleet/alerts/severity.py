"""How grave it is what is told: Azure Monitor's four, by its names and numbers."""

from enum import StrEnum


class Severity(StrEnum):
    """From the gravest to the least."""

    CRITICAL = "Critical"
    ERROR = "Error"
    WARNING = "Warning"
    INFORMATIONAL = "Informational"

    @property
    def number(self) -> int:
        """Azure's number: 0 for Critical."""
        return [*Severity].index(self)
