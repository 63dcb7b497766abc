"""Counts in a sentence, with what they are counted of."""


def share_of(part: int, total: int) -> str:
    """``1 of 1 machine``, ``2 of 1,000 machines``."""
    return f"{part:,} of {total:,} machine{'' if total == 1 else 's'}"
