"""What object stores say when they fail, as one line: what was tried, and what to do. Their own words hold more."""

import re
from urllib.parse import urlsplit

from query.place import Place

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# An address holds any word and any number: a port of 42969, a bucket called deadline. Only where credentials are kept
# is of use.
_ADDRESS = re.compile(r"\b\w+://(?!169\.254\.)\S+")
# A status of HTTP stands by itself; times and ports are no statuses.
_STATUS = re.compile(r"(?<![\w.:/-])[1-5]\d\d(?![\w/:-]|\.\d)")
# How deltalake draws the causes of an error, one a line below it; other lines are a trace.
_CAUSE = "↳"
_LONGEST = 300
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile, or patchdeck tables key"
# The first that fits decides; {store} is the endpoint, {bucket} that of the tables, {seconds} a request's deadline.
_SIGNS = (
    (("NoSuchBucket",), "there is no bucket {bucket} at {store}: make it, or correct `tables` in config.toml"),
    (
        ("RequestTimeTooSkewed", "RequestExpired"),
        "{store} refuses the clock of this machine, which is too far off: set it (timedatectl set-ntp true)",
    ),
    (("ExpiredToken", "TokenRefreshRequired"), "the credentials for {store} are over: get new ones"),
    (
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId", "AuthFailure"),
        "{store} does not know the credentials: " + _KEYS,
    ),
    (
        ("AccessDenied", "Forbidden", "403", "Unauthorized", "401", "PermissionDenied", "Unauthenticated"),
        "{store} denies access to {bucket}: let the key list, read, write and delete under the prefix; or " + _KEYS,
    ),
    (("169.254.", "CredentialsNotLoaded", "no providers in chain"), "no credentials were found: " + _KEYS),
    (("certificate", "Certificate", "SSL", "TLS"), "the certificate of {store} is not trusted"),
    (
        ("MovedPermanently", "PermanentRedirect", "AuthorizationHeaderMalformed"),
        "{bucket} is in another region: set storage.region",
    ),
    (("SlowDown", "503", "429"), "{store} asks to slow down: try again later"),
    (
        ("timed out", "TimedOut", "deadline"),
        "{store} did not answer within {seconds:g} s: see that it runs, and storage.endpoint",
    ),
    (
        ("error sending request", "(Connect)", "Connection refused", "onnection reset", "onnection closed"),
        "{store} cannot be reached: see that it runs, and storage.endpoint",
    ),
    (("Parquet magic", "404"), "there is nothing at {bucket}: see that it is there, and `tables` in config.toml"),
)


def explain_store_error(error: BaseException, place: Place) -> str:
    """What ``error`` means, met at ``place`` in an object store, without a full stop."""
    said = _COLOUR.sub("", " ".join(f"{error!r} {error}".split()))
    url = urlsplit(place.where)
    words = {
        "store": place.access.endpoint if place.access and place.access.endpoint else f"the store of {url.scheme}://",
        "bucket": f"{url.scheme}://{url.netloc}",
        "seconds": place.access.request_seconds if place.access else 0,
    }
    told = _ADDRESS.sub("", said)
    statuses = {*_STATUS.findall(told)}
    for signs, meaning in _SIGNS:
        if any(sign in statuses if sign.isdecimal() else sign in told for sign in signs):
            return meaning.format(**words)
    lines = _COLOUR.sub("", str(error)).partition("Debug source")[0].partition("<?xml")[0].strip().splitlines()
    causes = [line.strip().removeprefix(_CAUSE).strip() for line in lines[1:] if line.strip().startswith(_CAUSE)]
    return ": ".join([*(lines[:1] or [type(error).__name__]), *causes])[:_LONGEST]
