"""Names that a text gives away by what stands around them: folders of users, shares, accounts, subjects of keys.

They are learnt from the whole dump first: what one message says with its domain, another says without.
"""

import re
from collections.abc import Iterator

from fleet.raw_dump.pseudonyms import NameKind

# A path that begins with one of these is no account of a domain.
_NO_DOMAIN = (
    "HKLM|HKCU|HKU|HKCR|HKEY_[A-Z_]+|SOFTWARE|SYSTEM|SYSTEM32|SYSWOW64|WINDOWS|ROOT|AUTHORITY|SERVICES?|BUILTIN|MANAGER|HOST"
    "|APPPOOL|MACHINE|USERS?|POLICIES|MICROSOFT|DRIVERS?|TASKS|TEMP|PCI|USB|ACPI|HID|SWD|SCSI|PRINTENUM|DISPLAY|STORAGE|AU"
    "|WSMAN|CIMV2|DEVICE|CERT"
)
_PROFILES = (
    re.compile(r"(?i)(?:\b[a-z]:|[%}]|^|[\s\"'=(])[\\/]+(?:users|documents and settings)[\\/]+([^\\/:*?\"<>|\r\n]+)"),
    re.compile(r"(?i)\b[a-z]:[\\/]+profiles[\\/]+([^\\/:*?\"<>|\s]+)"),
)
_ACCOUNT = re.compile(
    rf"(?<![\w\\/:.%-])(?!(?:{_NO_DOMAIN})\\)([A-Z0-9][A-Z0-9_-]{{1,14}})\\([A-Za-z0-9_][\w.-]{{1,63}})(?![\w\\/.&-])"
)
_OTHERS = (
    (NameKind.HOST, re.compile(r"(?:(?<![\\:\w%}])\\\\|(?<![:\w/])//|(?i:\bfile://))([A-Za-z0-9][\w.-]{1,62})[\\/]")),
    (NameKind.DOMAIN, _ACCOUNT),
    (NameKind.USER, re.compile(r"\b(?:AzureAD|MicrosoftAccount)\\([\w.@-]{2,64})")),
    (
        NameKind.ORGANISATION,
        re.compile(r"(?<![\w.])O=\"?(?![^,;/+\"=\r\n]*Microsoft)([^,;/+\"=\r\n]{2,64})(?=[,;/+\"\r\n]|$)"),
    ),
)
_WORD = re.compile(r"[\w.-]+")


def names_told(text: str) -> Iterator[tuple[NameKind, str]]:
    """The names that ``text`` tells by its shape, as (kind, name); some may be none."""
    for kind, pattern in _OTHERS:
        yield from ((kind, found[1]) for found in pattern.finditer(text))
    users = [found[1] for pattern in _PROFILES for found in pattern.finditer(text)]
    users += [found[2] for found in _ACCOUNT.finditer(text)]
    for user in users:
        yield NameKind.USER, user
        # In a sentence a name is followed by other words, or by its end.
        if word := _WORD.match(user):
            yield NameKind.USER, word[0].rstrip(".")
