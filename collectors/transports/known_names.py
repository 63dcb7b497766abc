"""How known_hosts calls a host."""

SSH_PORT = 22


def lookup_name(host: str, port: int) -> str:
    """``[host]:port``, or the host alone at SSH's own port; always in small letters."""
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"
