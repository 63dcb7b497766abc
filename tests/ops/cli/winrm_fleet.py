"""Machines of a home that are reached by WinRM, and answered for by peers."""

from collections.abc import Callable

from tests.winrm_peer.endpoint import Endpoint

PASSWORD = "Correct-Horse-7"  # that of users of peers, a password of nobody
Run = Callable[..., object]


def add_profiles(patchdeck: Run) -> None:
    """A profile that logs in to peers, and one with a wrong password."""
    for name, password in (("win", PASSWORD), ("wrong", "wrong-horse")):
        patchdeck("profiles", "add", name, "--user", "patcher")
        patchdeck("profiles", "set-secret", name, "password", "--command", f"echo {password}")


def way_to(endpoint: Endpoint, *, scheme: str = "", trusts: bool = True) -> list[str]:
    """The options of `machines add` that lead to ``endpoint``; ``scheme`` in the place of its own."""
    spoken = scheme or endpoint.scheme
    options = ["--transport", "winrm", "--address", endpoint.address, "--port", str(endpoint.port), f"--{spoken}"]
    if spoken == "https" and trusts and endpoint.ca_file is not None:
        options += ["--ca-file", str(endpoint.ca_file)]
    return options


def add_machine(
    patchdeck: Run, name: str, endpoint: Endpoint, *more: str, scheme: str = "", trusts: bool = True
) -> None:
    """Enrols ``endpoint`` as ``name``, with a profile that logs in unless ``more`` names another."""
    profile = () if "--profile" in more else ("--profile", "win")
    patchdeck("machines", "add", name, *way_to(endpoint, scheme=scheme, trusts=trusts), *profile, *more)
