"""Where the tables of a home lie: in its own folder, or in object storage as the setting `tables` has it."""

import re
from urllib.parse import urlsplit

from fleet.errors import BadInput
from ops.config import Settings, last_usable_settings
from ops.home import Home
from ops.permission import require_writable
from query.place import ObjectAccess, Place

_SCHEMES = ("s3", "az", "gs")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9._=-]*)*")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Without one, a store that is not Amazon's takes any.
_ANY_REGION = "us-east-1"


def tables_of(home: Home) -> Place:
    """The place of all tables of ``home``, by the last settings that could be used. Nothing is asked of a
    store.

    Raises:
        BadInput: the settings cannot be used, or there are no credentials.
        HomeUnusable: they cannot be read.
    """
    return tables_by(home, last_usable_settings(home))


def tables_by(home: Home, settings: Settings) -> Place:
    """As `tables_of`, by ``settings`` that were read before."""
    if settings.tables is None:
        return Place(str(home.tables_dir))
    from ops.store.objects.ownership import home_id

    url = _checked_url(home, settings.tables)
    return Place(url, _access(url, settings, home_id(home)))


def prepare_to_write(home: Home, place: Place) -> Place:
    """``place``, once it is known to be that of ``home`` alone; what is local is so by its lock.

    Raises:
        HomeUnusable: another home writes there, or the store cannot be asked.
        NotPermitted: this process does not change the home.
    """
    require_writable(home.path)
    if not place.is_local:
        from ops.store.objects.ownership import claim

        claim(place, home.tables_dir)
    return place


def _access(url: str, settings: Settings, owner: str) -> ObjectAccess:
    import os

    from ops.store.objects.credentials import find_credentials, find_region

    options = find_credentials(url, settings.storage_profile, has_role=settings.storage_machine_role)
    endpoint = settings.storage_endpoint or ""
    if url.startswith("s3://"):
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        options["AWS_REGION"] = settings.storage_region or find_region(settings.storage_profile) or _ANY_REGION
        if endpoint:
            options["AWS_ENDPOINT_URL"] = _checked_endpoint(endpoint, allow_http=settings.storage_allow_http)
    return ObjectAccess(
        tuple(sorted(options.items())),
        endpoint=endpoint,
        allow_http=settings.storage_allow_http,
        request_seconds=settings.storage_request_seconds,
        connections=settings.storage_connections,
        owner=owner,
    )


def _checked_url(home: Home, url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    is_strange = parts.query or parts.fragment or parts.scheme not in _SCHEMES
    if is_strange or not _BUCKET.fullmatch(parts.netloc) or not _PREFIX.fullmatch(path):
        raise BadInput(
            f"{home.config_file}: `tables` does not fit: it takes s3://BUCKET/PREFIX (az:// and gs:// are not "
            "proved), with letters, digits and . _ = - in the prefix; without it, the tables lie in the home."
        )
    return f"{parts.scheme}://{parts.netloc}{path}"


def _checked_endpoint(endpoint: str, *, allow_http: bool) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise BadInput(
            "storage.endpoint is not usable: it takes a URL like https://s3.example.org, without a password."
        )
    if parts.scheme == "http" and not allow_http:
        raise BadInput(
            f"storage.endpoint {endpoint} would send the data unencrypted: use https, or set storage.allow_http = true."
        )
    return endpoint
