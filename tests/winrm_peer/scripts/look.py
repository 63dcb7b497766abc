"""How a machine is now."""

from collections.abc import Callable, Mapping

from tests.winrm_peer.job_tasks import boot_of
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, object], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `look.ps1` does."""
    del told
    failed = [
        name
        for name, service in machine.services.items()
        if service.start_type == "Automatic" and service.state == "Stopped" and service.exit_code != 0
    ]
    say(
        {
            "schema": 1,
            "boot": boot_of(machine),
            "kernel": machine.full_version,
            "uptime_seconds": round((machine.now() - machine.booted_at).total_seconds(), 1),
            "failed_services": failed,
            "listening": [f"0.0.0.0:{port}" for port in machine.listening_ports],
            "users": list(machine.logged_in_users),
            "servicing": 2 if machine.is_servicing else 0,
            "installer_working": machine.is_other_installer_busy,
        }
    )
