"""Secrets kept out of what is written down, in command lines, texts and JSON documents: by the names of what they are
given to, and by their shapes. It is a net below those who take care themselves: what looks like no secret passes.
"""

import json
import re
import shlex
from collections.abc import Sequence

from fleet.audit_urls import URL, mask_url
from fleet.secret_names import MASK, is_secret_name, is_secret_value

# Whatever could be masked holds one of these: nearly no text does, and is done with. Looking for words one after the
# other is ten times faster than for all of them with a pattern.
_SUSPECT = (
    *("pass", "pwd", "secret", "token", "key", "credential", "cookie", "bearer", "basic", "negotiate", "authorization"),
    *("://", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk-", "sk_", "eyj", "hvs."),
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
# Ours: a flag, and one that takes the name of a file.
_NO_SECRET_FOLLOWS = frozenset({"--new-secret", "--new-signing-key"})
_NAME = re.compile(r"[\w.-]{1,80}")
_VALUE = r"\"[^\"\n]*\"|'[^'\n]*'|[^\s'\",;&|)]+"
# The scheme of a header's credentials says nothing yet: what follows it is secret.
_SCHEMES = r"(?:(?i:bearer|basic|negotiate|digest|token|apikey|geniekey)[ \t]{1,4})?"
_ASSIGNED = re.compile(
    rf"(?<![\w.-])(?P<name>[\w.-]{{1,80}})(?P<sign>[\"']?\s{{0,4}}[=:]\s{{0,4}}{_SCHEMES})(?P<value>{_VALUE})"
)
_OPTION = re.compile(rf"(?<![\w.-])(?P<name>--?[A-Za-z][\w-]{{1,80}})(?P<sign>\s{{1,4}})(?P<value>{_VALUE})")
_SCHEME = re.compile(
    r"\b(?P<name>bearer|basic|negotiate)(?P<sign>\s+)(?=\S*[0-9=])(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE
)
_COOKIES = re.compile(r"\b(?P<start>(?:set-)?cookie: {0,4})[^\s\"'][^\n\"']*", re.IGNORECASE)
# As their issuers shape them: GitHub, GitLab, Slack, OpenAI and Stripe, JSON Web Tokens, Vault.
_TOKEN = re.compile(
    r"(?<![\w-])(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|sk[-_][\w-]{20,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|hvs\.[\w-]{20,})"
)


def mask_command(arguments: Sequence[str]) -> str:
    """The command line of ``arguments`` as a shell would take it, without the secrets that were given in it."""
    return shlex.join(_mask_arguments(arguments))


def mask_text(text: str) -> str:
    """``text`` without what looks like a secret; masking twice changes nothing."""
    if not _is_suspect(text):
        return text
    text = _TOKEN.sub(MASK, _PRIVATE_KEY.sub(MASK, text))
    text = _COOKIES.sub(rf"\g<start>{MASK}", text)
    text = _SCHEME.sub(rf"\g<name>\g<sign>{MASK}", URL.sub(mask_url, text))
    for pattern in (_ASSIGNED, _OPTION):
        text = pattern.sub(_mask_named, text)
    return text


def mask_document(document: str | None) -> str | None:
    """The JSON ``document`` without what looks like a secret; the same text where there is none."""
    if document is None or not _is_suspect(document):
        return document
    try:
        held = json.loads(document)
        masked = _mask_value(held)
    except (ValueError, RecursionError):
        return mask_text(document)
    return document if masked == held else json.dumps(masked, separators=(",", ":"))


def _is_suspect(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in _SUSPECT)


def _mask_arguments(arguments: Sequence[str]) -> list[str]:
    masked, is_value = [], False
    for argument in arguments:
        name, sign, value = argument.partition("=")
        is_option = name.startswith("-") and len(name) > 1
        if is_value and not is_option:
            masked.append(MASK)
        elif sign and _NAME.fullmatch(name) and is_secret_name(name) and is_secret_value(value):
            masked.append(f"{name}={MASK}")
        else:
            masked.append(mask_text(argument))
        is_value = is_option and not sign and name not in _NO_SECRET_FOLLOWS and is_secret_name(name)
    return masked


def _mask_named(found: re.Match[str]) -> str:
    name, sign, value = found["name"], found["sign"], found["value"]
    quote = value[0] if value[0] in "\"'" else ""
    if not is_secret_name(name) or not is_secret_value(value.strip("\"'"), in_script=True):
        return found[0]
    return f"{name}{sign}{quote}{MASK}{quote}"


# object: what JSON holds.
def _mask_value(held: object, name: str = "") -> object:
    if isinstance(held, dict):
        return {key: _mask_value(value, key) for key, value in held.items()}
    if isinstance(held, list):
        return [_mask_value(value, name) for value in held]
    if not isinstance(held, str):
        return held
    return MASK if name and is_secret_name(name) and is_secret_value(held) else mask_text(held)
