"""Which names are those of secrets, as in ``--password``, ``DB_PASSWORD`` and ``clientSecret``."""

import re

# What stands for a secret.
MASK = "•••"

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORD = re.compile(
    r"\w*(?:password|passwd|passphrase|passcode|pwd|secret|token|apikey|credentials?)|pass|authorization|cookie"
)
# A key opens something where its kind says so; others are names of things.
_KEY_KINDS = frozenset({"api", "access", "private", "secret", "account", "shared", "signing", "hmac", "encryption"})
# The name of where or how it is found, or of what is known of it: not it.
_NO_SECRET_AT_END = frozenset(
    {"file", "path", "command", "cmd", "from", "stdin", "fd", "id", "ids", "name", "names", "kind", "place", "hash"}
    | {"days", "hours", "minutes", "expires", "uses", "count", "length", "prompt", "policy", "age", "state", "url"}
)
_NO_SECRET_AT_START = frozenset({"ask", "with", "without", "no", "forget", "is", "has"})
_NO_VALUES = frozenset({"", "true", "false", "null", "none", "yes", "no", MASK})


def is_secret_name(name: str) -> bool:
    """Whether what is called ``name`` is a secret by itself: a password, and not the file that it is in."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _NO_SECRET_AT_END or words[0] in _NO_SECRET_AT_START:
        return False
    is_key = words[-1] in ("key", "keys") and not _KEY_KINDS.isdisjoint(words)
    return is_key or any(_SECRET_WORD.fullmatch(word) for word in words)


def is_secret_value(value: str, *, in_script: bool = False) -> bool:
    """Whether ``value`` could be a secret: not empty, not yes or no; ``in_script``: and no variable that holds one."""
    is_variable = in_script and value.startswith(("$", "{{", "%{"))
    return value.lower() not in _NO_VALUES and not value.startswith(MASK) and not is_variable
