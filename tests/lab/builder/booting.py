"""A machine of a running lab while it is on: booted, rebooted when its first process ends, given anew."""

import shutil
import subprocess
import threading
import time
import uuid
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.layers import hosts_file, layer_path, overlay_options
from tests.lab.builder.plan import Place, Plan
from tests.lab.builder.recipe import USER

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

# Ends the first process, which is sshd. A minute of notice is a second here; what was asked for can be read afterwards.
_SHUTDOWN = """#!/bin/sh
echo "${0##*/} $*" >>/var/log/shutdown.asked
seconds=0
for word; do case $word in +[0-9]*) seconds=${word#+} ;; esac; done
setsid sh -c "sleep $seconds; kill -TERM 1" </dev/null >/dev/null 2>&1 &
"""

_NAMESPACES = ("-m", "-u", "-i", "-p", "-T", "-f", "--kill-child")


class RunningMachine:
    """One machine. It ends when its first process does, as in life; then it is booted again, where its spec says so."""

    def __init__(self, plan: Plan, place: Place) -> None:
        self.place = place
        self._plan = plan
        self._folder = plan.folder / place.name
        self._root = self._folder / "root"
        self._process: subprocess.Popen[bytes] | None = None
        self._is_off = threading.Event()
        self._make_disk()

    def boot(self, uptime_seconds: int | None = None) -> None:
        """Start it, with a new boot id. ``uptime_seconds`` is how long it has been up, by its own word."""
        self._is_off.clear()
        boot_id = self._folder / "boot_id"
        boot_id.write_text(f"{uuid.uuid4()}\n")
        up = self.place.uptime_seconds if uptime_seconds is None else uptime_seconds - _host_uptime()
        words = ("sh", "-c", _INIT, "sh", self._root, self.place.name, "\n".join(self.place.spec.boot), boot_id)
        with (self._folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                ("unshare", *_NAMESPACES, f"--boottime={up}", *words, *_sshd_words(self.place)),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        (self._folder / "pid").write_text(str(self._process.pid))
        threading.Thread(target=self._await_end, args=(self._process,), daemon=True).start()

    def reset(self) -> None:
        """End it, forget all that it ever wrote, and boot it."""
        self._is_off.set()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        run("umount", "--lazy", self._root)
        for part in ("root", "upper", "work"):
            shutil.rmtree(self._folder / part, ignore_errors=True)
        self._make_disk()
        self.boot()

    def _await_end(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        if self.place.spec.is_lost_by_reboot or self._is_off.wait(self.place.spec.reboot_seconds):
            return
        self.boot(uptime_seconds=1)

    def _make_disk(self) -> None:
        root, upper, work = (self._folder / part for part in ("root", "upper", "work"))
        for path in (root, upper, work):
            path.mkdir()
        lower = [layer_path(layer, self._plan.generation) for layer in self.place.spec.layer.lower]
        run("mount", "-t", "overlay", "overlay", "-o", overlay_options(lower, upper, work), root)
        _make_its_own(self._plan, self.place, root)


def _host_uptime() -> int:
    return int(time.clock_gettime(time.CLOCK_BOOTTIME))


def _make_its_own(plan: Plan, place: Place, root: Path) -> None:
    (root / "etc/hostname").write_text(f"{place.name}\n")
    hosts = hosts_file(plan.repositories_at, plan.lost_hosts, plan.nobody_at)
    (root / "etc/hosts").write_text(f"{hosts}{place.sshd_address} {place.name}.lab.example {place.name}\n")
    # Of its own in every lab, and the same after it was given anew.
    (root / "etc/machine-id").write_text(f"{uuid.uuid5(uuid.NAMESPACE_URL, str(plan.folder / place.name)).hex}\n")
    for name in ("reboot", "shutdown"):
        (root / "usr/sbin" / name).write_text(_SHUTDOWN)
        (root / "usr/sbin" / name).chmod(0o755)
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
