"""URLs without the secrets in them: passwords, tokens in the path of a webhook, signatures in the query."""

import re

from fleet.secret_names import MASK, is_secret_name, is_secret_value

URL = re.compile(r"\b(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?P<rest>[^\s'\"<>`\\]+)")

# Of these what comes first is a place; of any other, as of Apprise's, it may be a token, and nothing of it is shown.
_SCHEMES_OF_PLACES = frozenset(
    {"http", "https", "ssh", "sftp", "scp", "ftp", "ftps", "file", "git", "svn", "rsync", "smb", "nfs", "tcp", "udp"}
    | {"s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "wasbs", "adl", "unix", "ws", "wss", "ldap", "ldaps"}
    | {"git+ssh", "git+https", "postgres", "postgresql", "mysql", "mssql", "redis", "amqp", "mongodb", "sqlite"}
)
# Their paths are the secret.
_WEBHOOK_HOSTS = re.compile(
    r"(?:.*\.)?(?:hooks\.slack\.com|discord(?:app)?\.com|webhook\.office\.com|outlook\.office(?:365)?\.com"
    r"|logic\.azure\.com|chat\.googleapis\.com|hooks\.zapier\.com|maker\.ifttt\.com|api\.telegram\.org|opsgenie\.com"
    r"|events\.pagerduty\.com|api\.mailgun\.net|webhook\.site)"
)
_PORT = re.compile(r"\d{1,5}(?:[/?#]|\Z)")
_QUERY_NAMES = frozenset({"sig", "signature", "key", "code", "auth", "x-amz-signature", "x-amz-credential", "sv"})
_QUERY = re.compile(r"(?P<start>[?&;])(?P<name>[^=&;#]+)=(?P<value>[^&;#]+)")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]{18,}")
# A user's name is short; what is as long and has no password beside it is a token (GitHub's, GitLab's).
_LONGEST_USER = 20


def mask_url(found: re.Match[str]) -> str:
    """What `URL` found, without secrets."""
    scheme, rest = found["scheme"], found["rest"]
    if scheme.lower() not in _SCHEMES_OF_PLACES:
        return f"{scheme}://{MASK}"
    who, place = _split_user(rest)
    return f"{scheme}://{_mask_user(who)}{_mask_place(place)}"


def _split_user(rest: str) -> tuple[str, str]:
    """The part with ``@`` at its end, empty where there is none, and what follows it."""
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        end = authority.rindex("@") + 1
        return rest[:end], rest[end:]
    # A password that is not quoted as it should be holds a slash: what follows the colon is no port then.
    user, colon, after = rest.partition(":")
    if colon and "@" in after and "/" not in user and not _PORT.match(after):
        end = rest.rindex("@") + 1
        return rest[:end], rest[end:]
    return "", rest


def _mask_user(who: str) -> str:
    user, colon, _ = who.partition(":")
    if colon:
        return f"{user}:{MASK}@"
    return f"{MASK}@" if len(who) > _LONGEST_USER else who


def _mask_place(place: str) -> str:
    end = re.search("[/?#]", place)
    if end is None:
        return place
    host, path = place[: end.start()], place[end.start() :]
    if _WEBHOOK_HOSTS.fullmatch(host.partition(":")[0].lower()):
        return f"{host}/{MASK}"
    path, mark, query = path.partition("?")
    segments = "/".join(MASK if _is_random(segment) else segment for segment in path.split("/"))
    return f"{host}{segments}{_QUERY.sub(_mask_parameter, mark + query)}"


def _is_random(segment: str) -> bool:
    """Whether a long word of letters and digits is in it."""
    words = _ALPHANUMERIC.findall(segment)
    return any(not word.isalpha() and not word.isdecimal() for word in words)


def _mask_parameter(found: re.Match[str]) -> str:
    name = found["name"]
    is_secret = is_secret_name(name) or name.lower() in _QUERY_NAMES
    return f"{found['start']}{name}={MASK}" if is_secret and is_secret_value(found["value"]) else found[0]
