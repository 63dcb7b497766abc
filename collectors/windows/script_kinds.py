"""For which shell of Windows an administrator's script is, by its first line; and as that shell reads it."""

import re

from fleet.errors import BadInput

_BOM = b"\xef\xbb\xbf"
# `#!` is a comment to PowerShell. cmd would run it as a command, so that line is taken out for it.
_SHEBANG = re.compile(rb"#!\s*(?P<program>[^\r\n]*)\r?\n?")
_POWERSHELL = re.compile(r"(?:.*[\\/])?(?:env\s+)?(?:powershell|pwsh)(?:\.exe)?(?:\s.*)?", re.IGNORECASE)
_CMD = re.compile(r"(?:.*[\\/])?cmd(?:\.exe)?(?:\s.*)?", re.IGNORECASE)
# What a batch file begins with, and no script for PowerShell does.
_BATCH = re.compile(rb"\s*(?:@echo\b|@?rem\b|@?setlocal\b|::)", re.IGNORECASE)


def find_script_kind(text: bytes) -> tuple[str, bytes]:
    """``powershell`` or ``cmd``, and the text as that is given it: PowerShell 5.1 takes UTF-8 only behind a mark.

    The first line decides: ``#!powershell``, ``#!cmd``, or what batch files begin with (``@echo off``, ``rem``). All
    else is PowerShell's.

    Raises:
        BadInput: it is for another program, or holds a NUL.
    """
    if b"\0" in text:
        raise BadInput("A script holds a NUL: save it as UTF-8.")
    plain = text.removeprefix(_BOM)
    named = _SHEBANG.match(plain)
    if named is not None:
        program = named["program"].decode("utf-8", "replace").strip()
        if _CMD.fullmatch(program):
            return "cmd", _with_crlf(plain[named.end() :])
        if not _POWERSHELL.fullmatch(program):
            raise BadInput(
                f"A script for {program[:80]!r} cannot be run on Windows: write it for PowerShell (#!powershell) or "
                "cmd (#!cmd)."
            )
    elif _BATCH.match(plain):
        return "cmd", _with_crlf(plain)
    return "powershell", _BOM + plain


def _with_crlf(text: bytes) -> bytes:
    """cmd loses its place at labels where lines end with a newline alone."""
    return re.sub(rb"\r?\n", b"\r\n", text)
