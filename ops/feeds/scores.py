"""CVSS base scores of vectors, by the library `cvss`, which Red Hat's product security keeps."""

from functools import lru_cache


@lru_cache(maxsize=65_536)
def score_of_vector(vector: str) -> float | None:
    """The base score of a CVSS vector of version 3 or 4, None where it is neither, or not a whole one.

    Version 2 is left out: its points mean something else.
    """
    from cvss import CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    try:
        if vector.startswith("CVSS:4."):
            return float(CVSS4(vector).base_score)
        if vector.startswith("CVSS:3."):
            return float(CVSS3(vector).base_score)
    except (CVSSError, ArithmeticError, ValueError, KeyError):
        return None
    return None
