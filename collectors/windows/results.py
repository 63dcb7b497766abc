"""Numbers by which Windows Update says what went wrong: their names, what they mean, and what to do.

Windows and PowerShell write one number in three ways: ``0x8024402C``, -2145107924 and 2149859372.
"""

import re

from collectors.windows.result_kinds import ResultClass, WindowsResult
from collectors.windows.result_table import RESULTS

_HEXADECIMAL = re.compile(r"0[xX][0-9A-Fa-f]{1,8}")
_DECIMAL = re.compile(r"-?[0-9]{1,10}")


def normalise(number: str | int | None) -> str:
    """``number`` as ``0x8024402C``; empty where it is none."""
    text = str(number if number is not None else "").strip()
    if _HEXADECIMAL.fullmatch(text):
        value = int(text, 16)
    elif _DECIMAL.fullmatch(text):
        value = int(text)
    else:
        return ""
    return f"0x{value & 0xFFFFFFFF:08X}"


def explain(number: str | int | None) -> WindowsResult:
    """What ``number`` means; one that nobody listed here is UNKNOWN, and says where to look."""
    code = normalise(number)
    return RESULTS.get(code) or _unlisted(code)


def is_success(number: str | int | None) -> bool:
    """Whether ``number`` is one of success: its highest bit is not set."""
    code = normalise(number)
    return bool(code) and int(code, 16) < 0x80000000


def _unlisted(code: str) -> WindowsResult:
    meaning = "Windows gave a number that is not listed here" if code else "Windows gave no number"
    remedy = "Look it up among the error codes of Windows Update, and see Get-WindowsUpdateLog on the machine."
    return WindowsResult(code, "", meaning, ResultClass.UNKNOWN, remedy)
