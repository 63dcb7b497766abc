"""Other names in the place of real ones, the same for the same, in any text of a machine.

What is known to be a name (of the machine, its domain, its users, its servers) is replaced wherever it stands. What
only looks like one (addresses, security ids, hosts, keys, tokens) is replaced by its shape. Too much rather than too
little: nothing here knows which of two readings is meant.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from enum import StrEnum

# Hosts of Microsoft and words that look like hosts and say nothing of anybody.
_PUBLIC = re.compile(
    r"(?i)(?:.*\.)?(?:microsoft\.com|windowsupdate\.com|windows\.com|live\.com|msftncsi\.com|aka\.ms|w3\.org|dmtf\.org|xmlsoap\.org)"
)
_TOP = (
    "example|com|net|org|edu|gov|mil|int|info|biz|local|lan|internal|intranet|corp|intern|home|priv|private|test|invalid|localdomain"
    "|cloud|dev|app|io|eu|at|au|be|br|ca|ch|cn|cz|de|dk|es|fi|fr|hu|ie|il|in|it|jp|kr|lu|mx|nl|no|nz|pl|pt|ro|ru|se|si|sk|tr|ua"
    "|uk|us|za"
)
TOP_LABELS = frozenset(_TOP.split("|"))
# Words that are names of users or hosts of every Windows, and tell of nobody.
_HARMLESS = frozenset(
    {
        *(
            "administrator",
            "administrators",
            "system",
            "guest",
            "users",
            "public",
            "default",
            "defaultaccount",
            "localhost",
        ),
        *(
            "workgroup",
            "everyone",
            "local service",
            "network service",
            "nt authority",
            "builtin",
            "none",
            "windows",
            "true",
        ),
        *("false", "default user", "all users", "wdagutilityaccount", "microsoft", "server", "servers", "user"),
    }
)
_LEAST_CHARACTERS = 2


class NameKind(StrEnum):
    """What a name is of; a pseudonym says that much."""

    HOST = "host"
    DOMAIN = "domain"
    USER = "user"
    GROUP = "group"
    ORGANISATION = "organisation"
    SERIAL = "serial"


class Pseudonyms:
    """The pseudonyms of one dump. `learn` all names first; then `replace` gives texts without them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._made: dict[tuple[str, str], str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, kind: NameKind, names: Iterable[str]) -> None:
        """From now on ``names`` are replaced wherever they stand, whatever the case."""
        for name in (name.strip() for name in names):
            folded = name.casefold()
            if len(name) < _LEAST_CHARACTERS or folded in _HARMLESS or folded in self._names or name.isdigit():
                continue
            self._names[folded] = self._number(kind.value, folded, _NAMED[kind])
        self._pattern = None

    def replace(self, text: str) -> str:
        """``text`` without names, addresses, keys and tokens."""
        for pattern, make in self._shapes():
            text = pattern.sub(make, text)
        if self._names and self._pattern is None:
            longest_first = sorted(self._names, key=len, reverse=True)
            words = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?<![^\W_])((?:[\w-]{{1,63}}\.){{0,8}}?)({words})(?![^\W_])", re.IGNORECASE)
        return self._pattern.sub(self._named, text) if self._pattern is not None else text

    def _named(self, found: re.Match[str]) -> str:
        name = self._names.get(found[2].casefold(), "name")
        if not found[1] or "." not in found[2]:
            return f"{found[1]}{name}"
        return self._host(found[0])  # one below a domain that is known

    def _shapes(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
        return (
            (_PRIVATE_KEY, lambda _: "(a private key was here)"),
            (_TOKEN, lambda _: "(a token was here)"),
            (_BASE64, lambda found: f"({len(found[0])} characters in base64 were here)"),
            (_ASSIGNED, lambda found: f"{found[1]}(a secret was here)"),
            (_OPTION, lambda found: f"{found[1]}(a secret was here)"),
            (_LOGIN_OPTION, lambda found: f"{found[1]}(a login was here)"),
            (_OF_TENANT, lambda found: f"{found[1]}{self._number('guid', found[2].casefold(), _GUID_FORM)}"),
            (_PRODUCT_KEY, lambda found: self._number("product key", found[0], "XXXXX-XXXXX-XXXXX-XXXXX-{:05}")),
            (_SID, self._sid),
            (_URL, self._url),
            (_LOGIN, lambda found: f"(a login was here)@{self._host_or_address(found[1])}"),
            (_DISTINGUISHED, self._distinguished),
            (_PRINCIPAL, lambda found: f"{found[1]}/{self._host(found[2])}"),
            (_MAIL, lambda found: self._number("mail", found[0].casefold(), "mail-{}@domain.example")),
            (_PROFILE, lambda found: f"{found[1]}{self._user(found[2])}"),
            (_SHARE, lambda found: f"\\\\{self._host(found[1])}"),
            (_MAC, lambda found: self._number("mac", found[0].casefold(), "02-00-00-00-00-{:02x}")),
            (_SPACED_THUMBPRINT, lambda found: self._thumbprint(found[0].replace(" ", ""))),
            (_THUMBPRINT, lambda found: self._thumbprint(found[0])),
            (_IPV6, self._address),
            (_IPV4, self._address),
            (_ACCOUNT, self._account),
            (_HOST, lambda found: self._host(found[0])),
            (_PORT, lambda found: f"{self._host(found[1])}:{found[2]}"),
        )

    def _number(self, kind: str, name: str, form: str) -> str:
        """The pseudonym of ``name``: that of its first time, or ``form`` with the next number of its kind."""
        if (kind, name) not in self._made:
            self._made[kind, name] = form.format(1 + sum(made == kind for made, _ in self._made))
        return self._made[kind, name]

    def _host(self, host: str) -> str:
        folded = host.casefold()
        if _PUBLIC.fullmatch(folded) or folded in _HARMLESS or folded in self._made.values():
            return host
        return self._names.get(folded) or self._number(NameKind.HOST, folded, _NAMED[NameKind.HOST])

    def _user(self, user: str) -> str:
        folded = user.casefold()
        if folded in _HARMLESS or folded in self._made.values():
            return user
        return self._names.get(folded) or self._number(NameKind.USER, folded, _NAMED[NameKind.USER])

    def _account(self, found: re.Match[str]) -> str:
        """DOMAIN\\user, but no path of files or of the registry."""
        domain, user = found[1], found[2]
        if domain.casefold() in self._names:
            return f"{self._names[domain.casefold()]}\\{self._user(user)}"
        return found[0]

    def _thumbprint(self, thumbprint: str) -> str:
        return self._number("thumbprint", thumbprint.casefold(), "{:040x}")

    def _distinguished(self, found: re.Match[str]) -> str:
        """One part of a certificate's subject or of a name in a directory."""
        if "microsoft" in found[2].casefold():
            return found[0]
        folded = found[2].strip().casefold()
        if folded in self._made.values() or folded in self._names.values():
            return found[0]
        return f"{found[1]}={self._names.get(folded) or self._number('name', folded, 'name-{}')}"

    def _sid(self, found: re.Match[str]) -> str:
        if found[1] is None:
            return self._number("cloud sid", found[0], "S-1-12-1-1000000000-1000000000-1000000000-{}")
        number = self._number("sid", found[1], "S-1-5-21-1000000000-1000000000-{}")
        if found[2] is None:
            return number
        rid = int(found[2])
        # Up to 1000 it is one of every Windows; from there on it is somebody's.
        kept = rid if rid < 1000 else self._number("rid", found[0], "{}")
        return f"{number}-{kept if rid < 1000 else 1000 + int(kept)}"

    def _url(self, found: re.Match[str]) -> str:
        scheme, host, port, rest = found[1], found[2], found[3] or "", found[4] or ""
        if _PUBLIC.fullmatch(host):
            return f"{scheme}://{host}{port}{rest.partition('?')[0]}"
        return f"{scheme}://{self._host_or_address(host)}{port}"

    def _host_or_address(self, host: str) -> str:
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return self._host(host)
        return self._number(NameKind.HOST, host.casefold(), _NAMED[NameKind.HOST])

    def _address(self, found: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(found[0].partition("%")[0])
        except ValueError:
            return found[0]
        if address.is_loopback or address.is_unspecified or _is_version(found):
            return found[0]
        if address.version == 4:
            return self._number("ipv4", str(address), "198.51.100.{}")
        return self._number("ipv6", str(address), "2001:db8::{:x}")


def _is_version(found: re.Match[str]) -> bool:
    """``10.0.20348.2700`` is no address; ``10.0.17763.1`` neither, and those do not parse as one."""
    before = found.string[max(0, found.start() - 12) : found.start()].casefold()
    return before.rstrip(" \"':=").endswith(("version", " v"))


_NAMED = {
    NameKind.HOST: "host-{}",
    NameKind.DOMAIN: "domain-{}.example",
    NameKind.USER: "user-{}",
    NameKind.GROUP: "group-{}",
    NameKind.ORGANISATION: "organisation-{}",
    NameKind.SERIAL: "serial-{}",
}
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL)
_TOKEN = re.compile(
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?|\bBearer\s+\S+|\bBasic\s+[A-Za-z0-9+/=]{8,}"
    r"|\b(?:ghp|gho|github_pat|glpat|xox[bap]|AKIA|sk-)[A-Za-z0-9_-]{8,}"
)
_ASSIGNED = re.compile(
    r"(?i)((?:password|passwd|passwort|kennwort|passphrase|mot de passe|contrase\u00f1a|wachtwoord|pwd|\bpin|secret"
    r"|token|api[-_ ]?key|licen[cs]e[-_ ]?key|accountkey|sharedaccesskey|sig|credential)"
    r"[\"']?(?:\s*[:=]\s*|\s+(?:is|ist)\s+))"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s;,&}\]]+)"
)
_PRODUCT_KEY = re.compile(r"\b(?:[A-Za-z0-9]{5}-){4}[A-Za-z0-9]{5}\b")
_SID = re.compile(r"\b(S-1-5-21(?:-\d{1,10}){3})(?:-(\d{1,10}))?\b|\bS-1-12-1(?:-\d{1,10}){4}\b")
_OPTION = re.compile(
    r"(?i)((?<!\S)(?:--?|/)(?:password|passwd|passphrase|pass|pwd|pw|p|token|secret|api-?key)[:=\s]\s*)\S+"
)
_LOGIN_OPTION = re.compile(r"(?i)((?<!\S)/u(?:ser)?:)\S+(?:[ \t]+[^\s/-]\S*)?")
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])(?=[A-Za-z+/]*[0-9])[A-Za-z0-9+/]{64,}={0,2}(?![A-Za-z0-9+/])"
)
_GUID_FORM = "00000000-0000-0000-0000-{:012x}"
_OF_TENANT = re.compile(
    r"(?i)((?:tenant|domain|forest|machine|directory)[-_ ]?(?:id|guid)?\W{1,4})"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
_LOGIN = re.compile(r"(?<![\w/])[^\s:/@;=,\"'\\]{1,64}:[^\s\"'/]{1,128}@([\w.-]*\w)")
_DISTINGUISHED = re.compile(r"(?<![\w.])(CN|OU|DC|O|L|ST|UID|E|dc|cn|ou)=\"?([^,;/+\"=\r\n]{1,128})(?=[,;/+\"\r\n]|$)")
_PRINCIPAL = re.compile(
    r"(?i)\b(HTTP|HOST|TERMSRV|WSMAN|LDAP|CIFS|RPCSS|GC|DNS|RestrictedKrbHost|krbtgt)/(?!\d+\.\d)([A-Za-z0-9][\w.-]+)"
)
_URL = re.compile(
    r"(?i)\b([a-z][a-z0-9+.-]{1,20})://(?:[^\s/@\"'<>]*@)?(\[[0-9a-f:.]+\]|[^\s/:\"'<>?#]+)(:\d{1,5})?([^\s\"'<>]*)"
)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b")
_PROFILE = re.compile(
    r"(?i)((?:\b[a-z]:|[%}]|^|[\s\"'=(])[\\/]+(?:users|documents and settings)[\\/]+)([^\\/:*?\"<>|\r\n]+)"
)
_SHARE = re.compile(r"(?<![\\:\w%}])\\\\([\w-][\w.-]*)(?=\\|\b)")
_MAC = re.compile(r"(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b")
_SPACED_THUMBPRINT = re.compile(r"(?i)\b[0-9a-f]{2}(?: [0-9a-f]{2}){19}\b")
_THUMBPRINT = re.compile(r"(?i)\b[0-9a-f]{40}\b")
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(r"(?i)(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%\w+)?(?![\w:])")
_ACCOUNT = re.compile(r"(?<![\w\\:.-])([\w.-]{1,64})\\([\w.$-]{1,64})(?![\w.$\\-])")
_HOST = re.compile(rf"(?<![\w\\/@.-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,8}}(?i:{_TOP})(?![\w-]|\.\w)")
_PORT = re.compile(
    r"(?<![\w\\/@.:-])(?!(?:line|char|code|exit|port|build|version)\b)(?![\w.-]*\.(?:ps1|psm1|cs|cpp|log):)([A-Za-z][\w.-]{1,62}):(\d{2,5})(?![\w:])",
    re.IGNORECASE,
)
