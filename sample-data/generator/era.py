"""The 90 days that the sample data covers, and its chance: the same at each run, separate for each purpose."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAYS = 90
START = NOW - timedelta(days=DAYS)
# Second Tuesdays; the updates appear at 10:00 in Redmond.
PATCH_TUESDAYS = (
    datetime(2026, 9, 8, 17, 0, tzinfo=UTC),
    datetime(2026, 10, 13, 17, 0, tzinfo=UTC),
    datetime(2026, 11, 10, 18, 0, tzinfo=UTC),
)
# Packages are simulated from before the first scan, so that it finds a fleet that already lags behind.
RELEASES_FROM = START - timedelta(days=25)

_SEED = "patchdeck-sample-1"
_NAMESPACE = uuid.UUID("7d8f2a52-6c0e-5d7e-9f55-0f8a6f1f2b11")


def days() -> Iterator[datetime]:
    """Midnight of each day on which something can happen: the day of the first scan to the last day."""
    first = (START + timedelta(days=1)).replace(hour=0)
    return (first + timedelta(days=number) for number in range(DAYS))


def chance(*purpose: object) -> random.Random:
    """The random numbers of one purpose; asking for others does not change them."""
    return random.Random("/".join([_SEED, *(str(part) for part in purpose)]))


def identity(*purpose: object) -> str:
    """A UUID that is the same at each run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in purpose)))


def fraction(*purpose: object) -> float:
    """A number from 0 to 1 that belongs to ``purpose``."""
    return chance(*purpose).random()
