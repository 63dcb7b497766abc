"""Taking secrets out of what others say: a library quotes the URL that it could not reach, a server the password."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit

from collectors.secrets import MASK

# Shorter pieces of a URL are words such as "api" and "v1".
_LEAST_CHARACTERS = 6
_SPLIT = re.compile(r"[/:@?&=#,;]+")


def mask(text: str, secrets: Iterable[str]) -> str:
    """``text`` with each of ``secrets``, and each longer piece of one that is a URL, as ``•••``."""
    found = {piece for secret in secrets for piece in _pieces(secret)}
    for piece in sorted(found, key=len, reverse=True):
        text = text.replace(piece, MASK)
    return text


def shown_address(url: str, *, is_secret: bool) -> str:
    """As much of ``url`` as may be shown: all but its query, or where it is secret its scheme, and a web server's name.

    The services of apprise have their tokens where a web address has its server.
    """
    parts = urlsplit(url)
    if not is_secret:
        return parts._replace(query="", fragment="").geturl()
    if parts.scheme in ("http", "https"):
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}/{MASK}"
    return f"{parts.scheme}://{MASK}"


def _pieces(secret: str) -> Iterator[str]:
    if not secret:
        return
    yield secret
    if "://" not in secret:
        yield from (quote(secret), quote(secret, safe=""))
        yield from _encoded(secret.encode())
        return
    server = ""
    with suppress(ValueError):  # a program may print another one each time
        yield from _requested(secret)
        server = (urlsplit(secret).hostname or "") if secret.startswith(("http://", "https://")) else ""
    for piece in _SPLIT.split(secret.partition("://")[2]):
        if len(piece) >= _LEAST_CHARACTERS and piece != server:
            yield from (piece, unquote(piece), quote(unquote(piece)))


def _requested(url: str) -> Iterator[str]:
    """What a server is asked for, and what follows it: quoted as a whole, short words in it are secrets too."""
    parts = urlsplit(url)
    target = parts.path.lstrip("/")
    if parts.query:
        yield from (f"{target}?{parts.query}", parts.query)
    if parts.password:
        yield from (parts.password, unquote(parts.password))


def _encoded(secret: bytes) -> Iterator[str]:
    """As much as ``secret`` alone decides of its Base64, wherever in an encoded text it stands: a mail server that
    refuses a login may quote it.
    """
    for before in range(3):
        text = b64encode(bytes(before) + secret).decode("ascii").rstrip("=")
        start, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        if end - start >= _LEAST_CHARACTERS:
            yield text[start:end]
