"""The shell of the package managers beside apt, under every shell that machines have, with programs that pretend."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.jobs.managers import find_job_manager
from collectors.jobs.orders import read_job_part
from collectors.probe import read_part

CAPTURES = Path(__file__).parents[1] / "captures"
SHELLS = {"dash": ("dash",), "busybox": ("busybox", "sh"), "bash": ("bash", "--posix")}
_ORDER = (
    "acme\tx86_64\t1.1-1.el9\t1.0-1.el9\t\n"
    "acme-libs\tnoarch\t1:2.0~rc1-1\t\tRLSA-2024:1\n"
    "acme-odd$(id)\tx86_64\t1-1\t\t\n"
)
# What a job defines around the manager's functions, in as little as they need.
_AROUND = """
folder={folder} progress_file=/dev/null kind=install allow_new={new} allow_removals={removals}
root_way=root is_root=yes repair_first=no lock_wait=0
note() {{ printf 'NOTE %s\\n' "$*"; }}
manage() {{ printf 'MANAGE %s\\n' "$*"; }}
list_packages() {{ cat "$folder/packages"; }}
limited() {{ shift; "$@"; }}
"""
RunShell = Callable[..., str]


@pytest.fixture(params=SHELLS)
def run_shell(request: pytest.FixtureRequest, tmp_path: Path) -> RunShell:
    """``run(manager, lines, new=…, removals=…, programs={name: body})``: what these lines of sh print."""
    words = SHELLS[request.param]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not here")

    def run(manager: str, lines: str, *, new: str = "yes", removals: str = "yes", **programs: str) -> str:
        found = find_job_manager(manager)
        assert found is not None
        # As functions: busybox has programs of its own that come before those of PATH.
        pretended = "".join(f"{name}() (\n{body}\n)\n" for name, body in programs.items())
        (tmp_path / "packages").write_text(_ORDER)
        around = _AROUND.format(folder=shlex.quote(str(tmp_path)), new=new, removals=removals)
        parts = (read_part("frame.sh"), read_job_part("packages.sh"), *(read_job_part(part) for part in found.parts))
        done = subprocess.run(
            words,
            input="\n".join((*parts, around, pretended, lines)),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )
        assert done.stderr == ""
        return done.stdout

    return run


@pytest.mark.parametrize(
    ("manager", "log", "status", "word"),
    [
        ("dnf", "dnf/job-post-fails", 0, "succeeded"),
        ("dnf", "dnf/job-pre-fails", 1, "failed"),
        ("dnf", "dnf/job-no-space", 1, "no-space"),
        ("dnf", "dnf/job-network", 1, "network"),
        ("dnf", "dnf/job-locked", 200, "locked"),
        ("dnf", "dnf/job-locked-version", 1, "failed"),
        ("dnf", "dnf/job-download", 0, "succeeded"),
        ("zypper", "zypper/job-post-fails", 107, "succeeded"),
        ("zypper", "zypper/job-pre-fails", 8, "failed"),
        ("zypper", "zypper/job-no-space", 8, "no-space"),
        ("zypper", "zypper/job-network", 8, "network"),
        ("zypper", "zypper/job-locked", 7, "locked"),
        ("zypper", "zypper/job-locked-version", 4, "failed"),
        ("pacman", "pacman/job-upgrade", 0, "succeeded"),
        ("pacman", "pacman/job-network", 1, "network"),
        ("pacman", "pacman/job-locked", 1, "locked"),
    ],
)
def test_transaction_is_judged_by_what_it_printed(
    run_shell: RunShell, manager: str, log: str, status: int, word: str
) -> None:
    """Logs of real transactions, with the status that they ended with."""
    printed = run_shell(manager, f"judge_{manager} {status} {CAPTURES / log}.log").splitlines()

    assert printed[-1] == word


@pytest.mark.parametrize(
    ("manager", "status", "text", "word"),
    [
        ("dnf", 1, "Error: GPG check FAILED", "failed"),
        ("dnf", 1, "Public key for acme-1.1-1.el9.x86_64.rpm is not installed", "failed"),
        ("dnf", 1, "can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource unavailable)", "locked"),
        ("dnf", 1, "Failed to obtain rpm transaction lock. Another transaction is in progress.", "locked"),
        ("dnf", 1, "Another app is currently holding the yum lock; waiting for it to exit...", "locked"),
        ("dnf", 1, "[Errno 14] HTTP Error 503 - Service Unavailable", "network"),
        ("dnf", 1, "   At least 12MB more space needed on the / filesystem.", "no-space"),
        ("zypper", 8, "Package acme is corrupted, do you want to retry retrieval?", "failed"),
        ("zypper", 102, "", "succeeded"),
        ("zypper", 103, "", "succeeded"),
        ("zypper", 106, "", "succeeded"),
        ("zypper", 104, "No provider of 'acme' found.", "failed"),
        ("pacman", 1, "error: Partition / too full: 1209 blocks needed, 12 blocks free", "no-space"),
        ("pacman", 1, "error: failed to commit transaction (conflicting files)", "failed"),
        ("pacman", 1, 'error: acme: signature from "X" is unknown trust', "failed"),
        ("apk", 0, "OK: 7 MiB in 15 packages", "succeeded"),
        ("apk", 99, "ERROR: Unable to lock database: temporary error (try again later)", "locked"),
        ("apk", 1, "ERROR: Failed to open apk database: temporary error (try again later)", "locked"),
        ("apk", 1, "WARNING: Ignoring https://dl-cdn.alpinelinux.org/alpine/main: temporary error (try again later)",
         "network"),
        ("apk", 1, "ERROR: Failed to create usr/lib/libcrypto.so.3: No space left on device", "no-space"),
        ("apk", 1, "ERROR: musl-1.2.4-r1: BAD signature", "failed"),
        ("ostree", 1, "", "failed"),
    ],
)  # fmt: skip
def test_transaction_is_judged_by_its_words(
    run_shell: RunShell, tmp_path: Path, manager: str, status: int, text: str, word: str
) -> None:
    """Locks, the network and room are told apart from everything else, signatures and the solver among it."""
    (tmp_path / "part").write_text(f"\x1b[2Jbefore\n{text}\n")

    assert run_shell(manager, f"judge_{manager} {status} {tmp_path}/part").splitlines()[-1] == word


@pytest.mark.parametrize(("manager", "status"), [("dnf", 0), ("zypper", 107)])
def test_script_that_failed_after_the_installation_is_noted(run_shell: RunShell, manager: str, status: int) -> None:
    """rpm counts such a package as installed, and dnf does not even end with an error."""
    printed = run_shell(manager, f"judge_{manager} {status} {CAPTURES / manager}/job-post-fails.log")

    assert printed.startswith("NOTE %post(acme-postfails-1.1-")
    assert "scriptlet failed, exit status 1" in printed


def test_dnf_is_given_whole_versions_and_agrees_to_nothing(run_shell: RunShell) -> None:
    """Name, epoch, version, release and architecture; no key's address; no lock waited for; a strange name left out."""
    printed = run_shell("dnf", "dnf_tool=dnf dnf_program=/usr/bin/dnf; run_dnf $folder/packages")

    assert printed.endswith(" upgrade acme-0:1.1-1.el9.x86_64 acme-libs-1:2.0~rc1-1.noarch\n")
    for word in (
        "--setopt=*.gpgkey=file:///patchdeck-imports-no-keys",
        "--setopt=exit_on_lock=1",
        "--setopt=*.metadata_expire=-1",
        "--allowerasing",
    ):
        assert f" {word} " in printed


def test_removals_are_allowed_by_the_order_alone(run_shell: RunShell) -> None:
    """Neither dnf nor zypper may erase what is in the way unless the deployment says so."""
    dnf = run_shell("dnf", "dnf_tool=dnf dnf_program=/usr/bin/dnf; run_dnf $folder/packages", removals="no")
    zypper = run_shell("zypper", "run_zypper $folder/packages", removals="no")

    assert "--allowerasing" not in dnf
    assert " --no-force-resolution " in zypper


def test_zypper_is_given_whole_versions_and_agrees_to_nothing(run_shell: RunShell) -> None:
    """No licence is agreed to, no key imported, no patch taken instead of the package."""
    printed = run_shell("zypper", "run_zypper $folder/packages")

    assert printed.startswith("MANAGE /usr/bin/zypper --non-interactive --no-refresh install ")
    assert printed.endswith(" acme.x86_64=1.1-1.el9 acme-libs.noarch=1:2.0~rc1-1\n")
    assert not any(word in printed for word in ("licenses", "gpg", "patch", "--replacefiles"))


@pytest.mark.parametrize(
    ("row", "new", "removals", "said"),
    [
        ("plan\tInstall\tacme-dep\t1-1\tx86_64\t1\t1\tno", "no", "yes", " +acme-dep\n"),
        ("plan\tInstall\tacme-dep\t1-1\tx86_64\t1\t1\tno", "yes", "no", ""),
        ("plan\tInstall\tkernel\t1-1\tx86_64\t1\t1\tno", "no", "no", ""),
        ("plan\tObsoleted\tacme-old\t1-1\tx86_64\t1\t1\tno", "yes", "no", " -acme-old\n"),
        ("plan\tObsoleted\tacme-old\t1-1\tx86_64\t1\t1\tno", "yes", "yes", ""),
        ("plan\tRemoved\tkernel\t1-1\tx86_64\t1\t1\tno\nplan\tInstall\tkernel\t2-1\tx86_64\t1\t1\tno", "no", "no", ""),
        ("plan\tUpgrade\tacme\t2-1\tx86_64\t1\t1\tno\nplan\tUpgraded\tacme\t1-1\tx86_64\t1\t1\tno", "no", "no", ""),
    ],
)
def test_what_dnf_may_do_beside_upgrading_is_looked_at(
    run_shell: RunShell, row: str, new: str, removals: str, said: str
) -> None:
    """New packages and removals, but neither a further kernel nor the oldest one that goes for it."""
    lines = f"printf '%s\\n' {shlex.quote(row)} | list_unwanted_dnf"

    assert run_shell("dnf", lines, new=new, removals=removals, rpm="case $3 in kernel) ;; *) exit 1 ;; esac") == said


@pytest.mark.parametrize(
    ("new", "removals", "said"), [("no", "no", " +acme-brandnew\n -acme-gone\n"), ("yes", "yes", "")]
)
def test_what_zypper_may_do_beside_upgrading_is_looked_at(
    run_shell: RunShell, tmp_path: Path, new: str, removals: str, said: str
) -> None:
    """By the summary of its dry run."""
    summary = (CAPTURES / "zypper" / "job-plan.out").read_text()
    gone = '<to-remove>\n<solvable type="package" name="acme-gone" edition="1-1" arch="x86_64"/>\n</to-remove>\n'
    (tmp_path / "summary").write_text(summary.replace("</install-summary>", f"{gone}</install-summary>"))
    rpm = "case $3 in kernel-default) ;; *) exit 1 ;; esac"

    assert run_shell("zypper", "list_unwanted_zypper <$folder/summary", new=new, removals=removals, rpm=rpm) == said


@pytest.mark.parametrize(
    ("installed", "wanted", "is_done"),
    [
        ("0:1.0-1", "1.0-1", True),
        ("1:1.0-1", "1:1.0-1", True),
        ("1:1.0-1", "2.0-1", True),
        ("0:2.0-1", "1:1.0-1", False),
        ("0:1.1-1", "1.0-1", True),
        ("0:1.0-2", "1.0-1", True),
        ("0:1.0-1", "1.0-2", False),
        ("0:0.9-9", "1.0-1", False),
    ],
)
def test_version_or_a_newer_one_is_done(run_shell: RunShell, installed: str, wanted: str, is_done: bool) -> None:
    """Epochs first, then versions, then releases, each compared by itself as old versions of rpm need it."""
    # Versions that awk orders as rpm does.
    rpm = r"""case $1 in
        -q) echo "$installed_evr" ;;
        *) printf '%s\n' "$2" | sed "s/.*('\(.*\)', '\(.*\)').*/\1 \2/" | awk '{ print ($1 > $2) - ($1 < $2) }' ;;
    esac"""
    lines = f"installed_evr={installed}; is_done_rpm acme x86_64 {wanted} && echo done"

    assert run_shell("dnf", lines, rpm=rpm) == ("done\n" if is_done else "")


def test_package_that_is_not_installed_is_not_done(run_shell: RunShell) -> None:
    """rpm says so on standard output, and exits 1."""
    assert (
        run_shell("dnf", "is_done_dnf acme x86_64 1-1 || echo no", rpm="echo package is not installed; exit 1")
        == "no\n"
    )


def test_apk_is_asked_for_packages_without_pinning_them(run_shell: RunShell) -> None:
    """`add name=version` would write the version into the world; an index that moved on is refused instead."""
    apk = r"""case $1 in policy) printf '%s policy:\n  1.1-1.el9:\n    x\n  1:2.0~rc1-1:\n    y\n' "$2" ;; esac"""
    printed = run_shell("apk", "install_apk $folder/packages", apk=apk)
    moved = run_shell("apk", "install_apk $folder/packages 2>/dev/null; echo $?", apk="echo x policy:")

    assert printed == "MANAGE /sbin/apk --no-progress --wait 1 fix --upgrade acme acme-libs\n"
    assert moved.splitlines() == [
        "NOTE no index offers these any more: acme-1.1-1.el9 acme-libs-1:2.0~rc1-1",
        "1",
    ]


@pytest.mark.parametrize(
    "way", ["prepare_ostree", "install_ostree $folder/packages", "download_ostree $folder/packages"]
)
def test_nothing_is_installed_into_an_image(run_shell: RunShell, way: str) -> None:
    """Whatever is called, nothing runs."""
    assert "MANAGE" not in run_shell("ostree", f"{way} || echo refused")
    assert run_shell("ostree", f"{way} || echo refused").endswith("refused\n")


def test_microdnf_and_images_are_refused_before_anything_runs(run_shell: RunShell) -> None:
    """With a note that says what to do."""
    printed = run_shell(
        "dnf", "command() { case $2 in microdnf) echo /usr/bin/microdnf ;; *) return 1 ;; esac; }; prepare_dnf; echo $?"
    )

    assert "install dnf" in printed
    assert printed.endswith("1\n")
