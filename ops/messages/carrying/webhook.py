"""Webhooks: a POST of JSON, signed where there is a key. No redirect is followed: it would lead the message elsewhere.

The body and the headers are described in docs/webhook.md; both are a promise to those who receive them.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from fleet.deliveries import Answer
from fleet.webhook_signatures import ID_HEADER, read_key, sign
from ops.messages.carrying.parcels import Parcel, Route, delivered, explain_tls, failed, refused

if TYPE_CHECKING:
    import requests

_CONNECT_SECONDS = 10.0
_SAID_BYTES = 300
# What the same message would meet again: it is malformed to the receiver, too large, or nobody wants any more.
_FINAL = (400, 410, 413, 415, 422)
_ASKS_TO_WAIT = (429, 503)


def carry(route: Route, parcel: Parcel) -> Answer:
    """POSTs ``parcel`` to the URL of ``route``."""
    import requests

    body = parcel.body.encode("ascii")
    headers = {"Content-Type": "application/json", "User-Agent": "Patchdeck", ID_HEADER: parcel.message_id}
    if route.signing_key:
        headers |= sign(read_key(route.signing_key), parcel.message_id, datetime.now(UTC), body)
    with requests.Session() as session:
        # Not the .netrc of whoever runs the service, but the proxies of its environment.
        session.trust_env = False
        session.proxies.update(requests.utils.get_environ_proxies(route.url))
        session.verify = route.ca_file or True
        try:
            response = session.post(
                route.url,
                data=body,
                headers=headers,
                timeout=(min(_CONNECT_SECONDS, route.deadline_seconds), route.deadline_seconds),
                allow_redirects=False,
                stream=True,  # an answer may be as long as it likes: little of it is read
            )
        except (requests.RequestException, ValueError) as error:
            return failed(_explain(error, route.deadline_seconds))
        with response:
            return _judge(response)


def _judge(response: "requests.Response") -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return delivered(f"answered {status}")
    if 300 <= status < 400:
        return failed(f"answered {status}, a redirect: they are not followed, give the URL that it leads to")
    said = f"answered {status}{_first_words(response)}"
    if status in _FINAL:
        return refused(said)
    return failed(said, _wanted_wait(response.headers.get("Retry-After")) if status in _ASKS_TO_WAIT else None)


def _first_words(response: "requests.Response") -> str:
    if response.headers.get("Content-Encoding") or "text/html" in response.headers.get("Content-Type", ""):
        return ""
    said = b""
    # One look at what is there already: a receiver that drips its answer holds nothing up.
    with suppress(Exception):
        said = response.raw.read1(_SAID_BYTES)
    text = said.decode("utf-8", errors="replace").strip()
    return f": {text}" if text else ""


def _wanted_wait(text: str | None) -> float | None:
    """Seconds of a Retry-After, which has them or a date: RFC 9110, 10.2.3."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _explain(error: Exception, deadline_seconds: float) -> str:
    """What went wrong in our words: those of the library hold the URL."""
    import requests

    causes = tuple(_causes(error))
    if unsafe := next((explain_tls(cause) for cause in causes if isinstance(cause, ssl.SSLError)), ""):
        return unsafe
    if isinstance(error, requests.ConnectTimeout):
        return "it does not take connections: no answer"
    if isinstance(error, requests.Timeout):
        return f"no answer within {deadline_seconds:g} s"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy of the environment does not let it through"
    told = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    if told:
        return f"it cannot be reached: {told}"
    if isinstance(error, requests.ConnectionError):
        return "the connection ended before an answer came"
    return f"it cannot be asked: {type(error).__name__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what is behind it: urllib3 hides the cause in ``reason`` or among the arguments."""
    seen: set[int] = set()
    waiting: list[Any] = [error]  # Any: arguments of errors are whatever a library put there
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [getattr(each, "reason", None), *each.args, each.__cause__, each.__context__]
