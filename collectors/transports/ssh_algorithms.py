"""Which algorithms a server is asked for, where the configuration does not say."""

from asyncssh.encryption import get_default_encryption_algs
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from collectors.transports.ssh_config import SshRoute
from collectors.transports.ssh_known_hosts import KnownKeys


def host_key_algorithms(route: SshRoute, known: KnownKeys) -> tuple[str, ...]:
    """What to ask the server for: the kinds that are known first, then the others, as OpenSSH does.

    A server that no longer has the known kind then shows another key, and not only that nothing fits.
    Empty where the configuration decides.
    """
    if route.options.config.get("HostKeyAlgorithms"):
        return ()
    certificates = get_default_certificate_algs() if known.authorities else []
    of_known = [algorithm for key in known.trusted for algorithm in key.sig_algorithms]
    names = dict.fromkeys([*certificates, *of_known, *get_default_public_key_algs()])
    return tuple(name.decode() for name in names)


def ciphers(route: SshRoute) -> tuple[str, ...]:
    """asyncssh's default ciphers, AES-GCM before ChaCha20, which costs it a third more CPU for each connection.

    Empty where the configuration decides.
    """
    if route.options.config.get("Ciphers"):
        return ()
    names = [name.decode() for name in get_default_encryption_algs()]
    return tuple(sorted(names, key=lambda name: "gcm" not in name))
