"""The systemd unit of the server: its text; whoever runs the host puts it in place."""

from ops.home import Home
from ops.service.units import own_command, quote_word

_HARDENING = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "ProtectSystem=full",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "PrivateTmp=yes",
    "LimitCORE=0",
)


def unit_text(home: Home) -> str:
    """A unit of the system that runs the server of ``home`` as the owner of the home."""
    command = [*own_command(), "--home", str(home.path), "serve-ssh"]
    lines = [
        "[Unit]",
        f"Description=Patchdeck over SSH, {quote_word(str(home.path))}",
        "After=network-online.target",
        "Wants=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=notify",
        "NotifyAccess=main",
        f"ExecStart={' '.join(map(quote_word, command))}",
        f"User={home.path.owner()}",
        "Restart=on-failure",
        "RestartSec=5",
        # It ends its sessions itself; a background service that it found missing and began outlives it.
        "KillMode=process",
        "TimeoutStopSec=45",
        "UMask=0077",
        *_HARDENING,
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return "\n".join(lines) + "\n"
