"""The one process that a running lab hangs on: first in a process namespace of its own, so that all end with it.

Started by `tests.lab.builder.lab`; prints `ready` once every machine answers, and ends when its stdin does.
"""

import asyncio
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.doors import open_door
from tests.lab.builder.layers import hosts_file, layer_path, overlay_options
from tests.lab.builder.plan import Place, Plan, read_plan
from tests.lab.builder.recipe import USER
from tests.lab.builder.repositories import serve
from tests.lab.builder.specs import Door

_START_SECONDS = 60.0

# $1 root, $2 name, $3 what runs at boot, $4 the file of the boot id, then sshd's own words.
_INIT = """
set -eu
root=$1; name=$2; boot=$3; boot_id=$4; shift 4
hostname "$name"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir "$root/run/sshd" "$root/run/lock"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
    minor=${node##*:}; rest=${node%:*}
    mknod -m 666 "$root/dev/${rest%:*}" c "${rest#*:}" "$minor"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount --bind "$boot_id" "$root/proc/sys/kernel/random/boot_id"
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c "set -eu
$boot
exec /usr/sbin/sshd \\"\\$@\\"" sh "$@"
"""


def main(plan: Plan) -> None:
    """Start everything in ``plan``, say so, and wait for the end of stdin."""
    serve(plan.generation / "web", plan.repositories_at)
    for place in plan.places:
        if place.spec.door not in (Door.CLOSED, Door.SILENT, Door.NOT_SSH, Door.STOPS_AFTER_BANNER):
            _start_machine(plan, place)
    asyncio.run(_hold_doors(plan))


async def _hold_doors(plan: Plan) -> None:
    doors = [
        await open_door(place.spec.door, place.address, place.port, (place.sshd_address, place.port))
        for place in plan.places
    ]
    await asyncio.to_thread(_wait_for_banners, plan)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for door in filter(None, doors):
        door.close()


def _start_machine(plan: Plan, place: Place) -> None:
    folder = plan.folder / place.name
    root, upper, work = (folder / part for part in ("root", "upper", "work"))
    for path in (root, upper, work):
        path.mkdir()
    lower = [layer_path(layer, plan.generation) for layer in place.spec.layer.lower]
    run("mount", "-t", "overlay", "overlay", "-o", overlay_options(lower, upper, work), root)
    _make_its_own(plan, place, root)
    boot_id = folder / "boot_id"
    boot_id.write_text(f"{uuid.uuid4()}\n")
    namespaces = ("-m", "-u", "-i", "-p", "-T", f"--boottime={place.uptime_seconds}", "-f", "--kill-child")
    init = (
        "sh",
        "-c",
        _INIT,
        "sh",
        str(root),
        place.name,
        "\n".join(place.spec.boot),
        str(boot_id),
        *_sshd_words(place),
    )
    with (folder / "console").open("wb") as console:
        process = subprocess.Popen(
            ("unshare", *namespaces, *init), stdin=subprocess.DEVNULL, stdout=console, stderr=console
        )
    (folder / "pid").write_text(str(process.pid))


def _make_its_own(plan: Plan, place: Place, root: Path) -> None:
    (root / "etc/hostname").write_text(f"{place.name}\n")
    hosts = hosts_file(plan.repositories_at, plan.lost_hosts, plan.nobody_at)
    (root / "etc/hosts").write_text(f"{hosts}{place.sshd_address} {place.name}.lab.example {place.name}\n")
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    key = plan.host_key(place)
    (root / "etc/ssh/ssh_host_ed25519_key").write_bytes(key.read_bytes())
    (root / "etc/ssh/ssh_host_ed25519_key").chmod(0o600)
    if place.spec.is_key_accepted:
        keys = root / "home" / USER / ".ssh/authorized_keys"
        keys.write_bytes(plan.login_key.with_suffix(".pub").read_bytes())


def _sshd_words(place: Place) -> list[str]:
    options = (
        f"ListenAddress={place.sshd_address}:{place.port}",
        "HostKey=/etc/ssh/ssh_host_ed25519_key",
        # A default sshd drops storms of connections: 10:30:100, sshd_config(5).
        "MaxStartups=200",
        "PidFile=none",
        *place.spec.sshd_options,
    )
    return ["-D", "-e", *(word for option in options for word in ("-o", option))]


def _wait_for_banners(plan: Plan) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    for place in plan.places:
        if place.spec.door in (Door.SSHD, Door.STALLS):
            while not _has_banner(place):
                if time.monotonic() > give_up_at:
                    console = (plan.folder / place.name / "console").read_text(errors="replace")
                    raise TimeoutError(f"{place.name} did not start:\n{console}")
                time.sleep(0.02)


def _has_banner(place: Place) -> bool:
    try:
        with socket.create_connection((place.sshd_address, place.port), timeout=5) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


if __name__ == "__main__":
    main(read_plan(Path(sys.argv[1])))
