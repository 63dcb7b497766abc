"""Where metrics may be served: on this host only, or in a socket of the file system; and where the app over SSH may."""

import ipaddress
from dataclasses import dataclass

from fleet.errors import BadInput

# sun_path of unix(7) without its end.
_LONGEST_PATH = 107
_OPEN_EXAMPLE = "write 127.0.0.1:8022, [::1]:8022, or *:8022 for all addresses"
_EXAMPLE = "write 127.0.0.1:9464, [::1]:9464, or the absolute path of a socket"


@dataclass(frozen=True, slots=True)
class ListenPlace:
    """An address on loopback with a port; or where ``path`` is given, a socket of the file system."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"


def parse_listen(text: str) -> ListenPlace:
    """The place that ``text`` names.

    Raises:
        BadInput: it is none, or can be reached from other hosts.
    """
    if text.startswith(("/", "unix:")):
        return ListenPlace(path=_checked_path(text.removeprefix("unix:")))
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or not 1 <= int(port[:6]) <= 65_535:
        raise BadInput(f"{text!r} names no port from 1 to 65535: {_EXAMPLE}.")
    return ListenPlace(_checked_host(host, text), int(port))


def parse_open_listen(text: str) -> ListenPlace:
    """The address and port that ``text`` names, also one that other hosts can reach; ``*`` stands for all of this host.

    Raises:
        BadInput: it names none.
    """
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not port.isascii() or not port.isdecimal() or not 1 <= int(port[:6]) <= 65_535:
        raise BadInput(f"{text!r} names no port from 1 to 65535: {_OPEN_EXAMPLE}.")
    if bare == "*":
        return ListenPlace("", int(port))
    try:
        ipaddress.ip_address("127.0.0.1" if bare == "localhost" else bare)
    except ValueError as error:
        raise BadInput(f"{text!r} names no address of this host: {_OPEN_EXAMPLE}.") from error
    if ":" in bare and bare == host:
        raise BadInput(f"{text!r}: write an IPv6 address in brackets, as in [::1]:8022.")
    return ListenPlace("127.0.0.1" if bare == "localhost" else bare, int(port))


def check_textfile(text: str) -> str:
    """``text``, if it is the path of a file that node_exporter reads.

    Raises:
        BadInput: it is not.
    """
    if not text.startswith("/") or not text.endswith(".prom") or "\0" in text:
        raise BadInput(f"{text!r} is no absolute path that ends in .prom, the only files that node_exporter reads.")
    return text


def is_loopback(host: str) -> bool:
    """Whether ``host``, without brackets, names this host and can be reached from it alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_path(path: str) -> str:
    if not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise BadInput(f"{path!r} is no absolute path of a socket: {_EXAMPLE}.")
    if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_PATH:
        raise BadInput(f"The path of a socket has at most {_LONGEST_PATH} bytes: {_EXAMPLE}.")
    return path


def _checked_host(host: str, text: str) -> str:
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare and bare == host:
        raise BadInput(f"{text!r}: write an IPv6 address in brackets, as in [::1]:9464.")
    if not is_loopback(bare):
        raise BadInput(
            f"{text!r} could be reached from other hosts: metrics are served on loopback only; {_EXAMPLE}. To scrape "
            "from elsewhere, put a server with TLS and a login in front, or use metrics.textfile with node_exporter."
        )
    # The name is resolved by whoever asks; what it leads to is not ours to say.
    return "127.0.0.1" if bare.lower() == "localhost" else bare
