"""Situations that a machine of any family can be in: lines for its ``prepare`` and ``boot``."""

from tests.lab.builder.recipe import USER


def sudo(may: str) -> str:
    """A line that lets the lab's user become root as ``may`` says, in the words of sudoers(5)."""
    return f"echo '{USER} {may}' >/etc/sudoers.d/lab"


SUDO_FOR_ALL = sudo("ALL=(ALL) NOPASSWD: ALL")

# By PAM, as the system's language, and again by the shell.
GERMAN = (
    "echo 'LANG=de_DE.UTF-8' >/etc/default/locale",
    f"sed -i '1i export LC_ALL=de_DE.UTF-8 LANGUAGE=de' /home/{USER}/.bashrc",
)
NOISY = f"sed -i '1i echo Welcome!; echo oops >&2; printf half' /home/{USER}/.bashrc"


def pretends_kernel(release: str) -> str:
    """A line that makes `uname` say ``release``: namespaces do not hold the kernel's own name."""
    return f"""mv /usr/bin/uname /usr/bin/uname.real
cat >/usr/bin/uname <<'STUB'
#!/bin/sh
/usr/bin/uname.real "$@" | sed "s/$(/usr/bin/uname.real -r)/$(cat /etc/pretended-kernel)/"
STUB
chmod 755 /usr/bin/uname
echo '{release}' >/etc/pretended-kernel"""


# Whoever reads /proc sees the same release as whoever asks uname.
BOOT_PRETENDED_KERNEL = "mount --bind /etc/pretended-kernel /proc/sys/kernel/osrelease"
# A reboot brings the newest kernel that is installed, as a boot loader does.
BOOT_NEWEST_KERNEL = f"ls /lib/modules | sort -V | tail -n 1 >/etc/pretended-kernel\n{BOOT_PRETENDED_KERNEL}"

# An hour, by `date` alone, since the kernel has one clock for all.
CLOCK_AHEAD = (
    "mv /bin/date /bin/date.real",
    r"""printf '#!/bin/sh\nexec /bin/date.real -d "+1 hour" "$@"\n' >/bin/date""",
    "chmod 755 /bin/date",
)

# Namespaces do not hold sockets either: of the kernel's tables a machine reads what is at its own address.
OWN_PORTS = r"""mv /usr/bin/grep /usr/bin/grep.real
cat >/usr/bin/grep <<'STUB'
#!/bin/sh
case " $* " in
    *' /proc/net/tcp '*) ;;
    *) exec /usr/bin/grep.real "$@" ;;
esac
own=$(/usr/bin/grep.real " $(hostname)\$" /etc/hosts | tr . ' ' |
    { read -r a b c d _; printf '%02X%02X%02X%02X' "$d" "$c" "$b" "$a"; })
/usr/bin/grep.real "$@" | /usr/bin/grep.real " $own:"
STUB
chmod 755 /usr/bin/grep"""


def daemon(title: str, body: str) -> str:
    """A line that starts a process in the background which calls itself ``title``, does ``body`` in Perl, and stays."""
    return f"""perl -e 'use Fcntl qw(:DEFAULT :flock SEEK_SET F_SETLK F_WRLCK); $0 = "{title}"; {body} sleep' &"""


def holds_lock(path: str) -> str:
    """Perl that takes the write lock of ``path``, as fcntl(2) has it on 64-bit Linux, and keeps it."""
    return (
        f'open(F, "+>>", "{path}") or die; my $lock = pack("ssx4qqlx4", F_WRLCK, SEEK_SET, 0, 0, 0); '
        "fcntl(F, F_SETLK, $lock) or die;"
    )


def writes_its_id(path: str) -> str:
    """Perl that writes the process's own id to ``path``."""
    return f'open(P, ">", "{path}") or die; print P $$; close(P);'
