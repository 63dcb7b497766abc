"""Makes docs/checks.md: every readiness check, and the lines for sudoers, from their declarations."""

from pathlib import Path

PAGE = Path(__file__).with_name("checks.md")

_TEXT = """\
<!-- Made by docs/make_checks.py from fleet/readiness and the commands that collectors declare: do not edit. -->

# Readiness checks and sudoers

    patchdeck check web-01                       everything, with evidence and remedy
    patchdeck check all --only login --only root
    patchdeck check all --refresh --json         lets machines fetch their package lists first

`check` assesses the machines anew (the result is stored, as by `assess`) and judges what came. In the app, `c` on a
machine shows the same checks by its last assessment, what failed first. Each check gives one of four answers:

| answer | means |
| --- | --- |
| `passed` | it is so, by the evidence beside it |
| `failed` | something is to be done: the remedy says what |
| `not applicable` | the question makes no sense there: a security repository on Alpine, a certificate over SSH |
| `unknown` | it could not be told. After a step on the way has failed, all that come later were *not asked* |

A failed check is an *error* where patching cannot work or the answer is not whole, otherwise a *warning* (a pending
reboot, another updater). `check` ends with 3 if a check failed with an error or a machine did not answer, also where
`--only` asks for other checks, and with 0 otherwise. Of several machines the text shows what failed or is unknown;
`--json` has every row: `machine`, `check`, `status`, `severity` (null unless it failed), `evidence`, `remedy`, `title`,
`meaning`, `machine_id`.

| check | asks | if it fails |
| --- | --- | --- |
{checks}

## sudoers
Root is needed for one command of an assessment, and only with `--refresh`: the one that fetches package lists. This
prints the lines for exactly those commands, for a machine, a family, or all:

    patchdeck check --sudoers web-01
    patchdeck check --sudoers apt zypper --user deploy > patchdeck.sudoers
    visudo -cf patchdeck.sudoers && install -m 0440 patchdeck.sudoers /etc/sudoers.d/patchdeck
    patchdeck check --doas apk                   for doas.conf

For the user `patchdeck`, all families:

```
{sudoers}
```

**Nothing in them can be shortened or replaced by a wildcard.** `apt-get -o APT::Update::Pre-Invoke::=COMMAND update`
runs any command as root, `dnf --setopt`, `--config` and `zypper --root` are no better: whoever may choose one
argument is root. sudo compares all words, so a line allows its command with exactly these arguments in this order and
no other. Colons, equal signs, commas and backslashes have a meaning in sudoers and are escaped; sudo takes the
backslashes out before it compares. `env_reset` (the default nearly everywhere) keeps variables such as `APT_CONFIG`
from getting through.

**timeout stands in front** because a process of root cannot be ended by the user who started it: when a refresh
hangs, what ends it must be root too. Where only the command itself is allowed (`NOPASSWD: /usr/bin/apt-get`, say), it
is run without its limit; the check *{root}* says so. It may then outlive the connection, until the package manager
gives up. The program is named by its path, since `timeout` looks for it in a `PATH`.

**Asking is safe.** Whether root can be gained is asked by `sudo -n -l COMMAND`, which runs nothing. sudo says yes to
a command that needs a password if another command of the same user needs none; then only a refresh shows it, and uses
the password where it is known. doas cannot be asked without running the command: the check says *unknown*.

{without_root}

## sudoers for patching
Deployments need more, and only `--patching` prints it, as a part of its own below the lines of a refresh:

    patchdeck check --sudoers web-01 --patching
    patchdeck check --doas apk --patching

For the user `patchdeck` on Debian, without the line of the refresh:

```
{patching}
```

**These lines hold nobody back who is up to something**: whoever may install packages can install one of their own. They
say what is run as root, and keep mistakes out. Leave them out where machines are only assessed; leave the last four out
where machines are patched and somebody else reboots them. A user with sudo for everything needs none of them.

`env_keep` lets the variables through by which a package manager asks nobody and restarts nothing
(`NEEDRESTART_SUSPEND`). The check *{patching_title}* tells which way jobs would take: as root, or the package manager
alone, and whether a reboot is allowed. It is asked by `sudo -n -l`, which runs nothing, and by `doas -C`, which says
nothing (*unknown*) where the user may not read doas.conf. With sudo for a shell, by password or without, a job runs
whole as root; with the package manager alone, it must be allowed without a password.
"""


def make() -> str:
    """The page."""
    from fleet.package_managers import WITHOUT_ROOT
    from fleet.readiness import CHECKS, find_checks
    from ops.sudoers import find_commands, find_patch_commands, sudoers_lines

    root, patching = find_checks(["root", "patching"])
    without_root = "\n".join(f"`{name}` needs no root: {how}." for name, how in WITHOUT_ROOT.items())
    return _TEXT.format(
        checks="\n".join(f"| `{check.name}` | {check.title} | {check.meaning} |" for check in CHECKS),
        sudoers="\n".join(sudoers_lines("patchdeck", find_commands([]))),
        root=root.title,
        patching="\n".join(sudoers_lines("patchdeck", (), find_patch_commands(["apt"]))),
        patching_title=patching.title,
        without_root=without_root,
    )
