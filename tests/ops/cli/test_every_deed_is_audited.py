"""Whatever changes a home leaves an entry of the audit: every verb is tried, or says which test tries it."""

import hashlib
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import typer

from ops.cli.app import build_app
from ops.cli.verb_roles import READING
from tests.ops.cli.conftest import ROOT, Patchdeck

KEV = ROOT / "tests" / "ops" / "feeds" / "captures" / "kev.json"
# What the service and the tables remember for themselves, and what machines answered: nobody's deed.
BOOKKEEPING = {
    "audit",
    "meta",
    "duties",
    "statuses",
    "versions_seen",
    "removals",
    "sqlite_sequence",
    "assessed_by_service",
}
KEPT_FILES = ("config.toml", "queries", "known_hosts", "roles.toml", "secrets", "serve-ssh")

# In the order in which they are done: a verb with its arguments, and the deed that the audit has of it, empty where
# nothing changes.
DEEDS: tuple[tuple[str, str], ...] = (
    ("machines add web-01 --address 127.0.0.1 --port 1", "machine.add"),
    ("machines add web-02 --address 127.0.0.2 --port 1", "machine.add"),
    ("machines edit web-01 --tag env=prod", "machine.edit"),
    ("machines edit web-01 --tag env=prod", ""),
    ("machines rename web-01 web-09", "machine.edit"),
    ("machines disable web-09", "machine.disable"),
    ("machines disable web-09", ""),
    ("machines enable web-09", "machine.enable"),
    ("assess web-09", "machines.assess"),
    ("machines test web-09", ""),
    ("machines password web-09", "machine.store-password"),
    ("machines password web-09 --forget", "machine.forget-password"),
    ("machines retire web-02 --reason old", "machine.retire"),
    ("machines restore web-02", "machine.restore"),
    ("machines remove web-02 --yes", "machine.remove"),
    ("machines trust-ca ca.pub --hosts '*.example.com' --yes", "known-hosts.authority"),
    ("machines revoke-key ca.pub --yes", "known-hosts.revoked"),
    ("machines import machines.csv --all --follow", "machines.import"),
    ("sources run machines.csv", "source.run"),
    ("sources edit machines.csv --every 15", "source.edit"),
    ("sources remove machines.csv", "source.remove"),
    ("groups add web tag:env=prod", "group.add"),
    ("groups edit web tag:env=dev", "group.edit"),
    ("groups add all-of-them all", "group.add"),
    ("scope add all-of-them", "scope.edit"),
    ("scope remove all-of-them --everything", "scope.remove"),
    ("groups remove web", "group.remove"),
    ("profiles add deploy --user deploy", "profile.add"),
    ("profiles edit deploy --user other", "profile.edit"),
    ("profiles set-secret deploy password --in keyring", "profile.set-secret"),
    ("profiles remove deploy --yes", "profile.remove"),
    ("enrol-token new", "enrol-token.new"),
    ("deployments add weekly --target all --class security", "deployment.add"),
    ("deployments edit weekly --window 90", "deployment.edit"),
    ("deployments disable weekly", "deployment.disable"),
    ("deployments enable weekly", "deployment.enable"),
    ("deployments unapprove weekly", ""),
    ("deployments remove weekly --yes", "deployment.remove"),
    (f"feeds add {KEV} --name kev", "feed.add"),
    ("feeds update kev", "feed.update"),
    ("feeds remove kev", "feed.remove"),
    ("queries save mine 'SELECT 1 AS a'", "query.save"),
    ("queries copy mine yours", "query.save"),
    ("queries rename yours theirs", "query.rename"),
    ("queries remove theirs", "query.remove"),
    ("channels add hook command --command /bin/true", "channel.add"),
    ("channels edit hook --description told", "channel.edit"),
    ("channels test hook", "channel.test"),
    ("channels disable hook", "channel.disable"),
    ("channels enable hook", "channel.enable"),
    ("alerts add --starter not-assessed", "alert.add"),
    ("alerts edit not-assessed --channel hook", "alert.edit"),
    ("alerts disable not-assessed", "alert.edit"),
    ("alerts enable not-assessed", "alert.edit"),
    ("alerts remove not-assessed", "alert.remove"),
    (
        "reports schedule add month compliance --rule FREQ=MONTHLY --first 2026-12-01T06:00 --zone UTC --channel hook",
        "report.add",
    ),
    ("reports schedule edit month --rule FREQ=WEEKLY", "report.edit"),
    ("reports schedule remove month", "report.remove"),
    ("channels remove hook", "channel.remove"),
    ("tables load Heartbeat rows.csv", "table.load"),
    ("tables compact Heartbeat", ""),
    ("tables vacuum Heartbeat", ""),
    ("settings set assess.concurrency 8", "settings.set"),
    ("settings set assess.concurrency 8", ""),
    ("settings unset assess.concurrency", "settings.unset"),
    ("secrets init", "secrets.init"),
    ("serve-ssh keys add anna ca.pub", "serve-ssh.key-add"),
    ("serve-ssh keys remove anna", "serve-ssh.key-remove"),
)
# What it takes more for than a line: the deed that the audit has of it, and the test that does it.
ELSEWHERE = {
    "alerts ack": ("alert.acknowledge", "tests/ops/cli/test_alerts.py"),
    "alerts test": ("channel.test", "tests/ops/cli/test_channels.py"),
    "deployments run": ("run.make", "tests/ops/test_state_runs.py"),
    "deployments pause": ("run.pause", "tests/ops/test_state_runs.py"),
    "deployments resume": ("run.resume", "tests/ops/test_state_runs.py"),
    "deployments cancel": ("run.cancel", "tests/ops/test_state_runs.py"),
    "deployments approve": ("approval.give", "tests/ops/approvals/test_giving.py"),
    "enrol-accept": ("candidate.introduce", "tests/ops/enrol_tokens/test_accepting.py"),
    "enrol-token authorize": ("enrol-token.authorize", "tests/ops/enrol_tokens"),
    "enrol-token revoke": ("enrol-token.revoke", "tests/ops/enrol_tokens"),
    "home share": ("home.share", "tests/ops/test_shared_homes.py"),
    "home unshare": ("home.unshare", "tests/ops/test_shared_homes.py"),
    "machines accept-certificate": ("machine.accept-certificate", "tests/ops/cli/test_certificates.py"),
    "machines accept-key": ("machine.accept-key", "tests/ops/cli/test_host_keys.py"),
    "machines approve": ("candidate.approve", "tests/ops/test_candidates.py"),
    "machines probe": ("candidate.found", "tests/ops/test_candidates.py"),
    "machines reinstalled": ("machine.reinstalled", "tests/ops/test_lifecycle.py"),
    "machines refuse": ("candidate.refuse", "tests/ops/test_candidates.py"),
    "profiles rotate": ("profile.rotate", "tests/ops/credentials/test_rotating.py"),
    "queries edit": ("query.edit", "tests/ops/cli/test_queries.py"),
    "serve-ssh sessions end": ("serve-ssh.end-session", "tests/ops/cli/test_serve_ssh.py"),
    "settings edit": ("settings.edit", "tests/ops/cli/test_settings.py"),
    "secrets passphrase": ("secrets.passphrase", "tests/ops/credentials"),
    "service install": ("service.install", "tests/ops/service/test_units.py"),
    "service run": ("service.begin", "tests/ops/service/test_lease.py"),
    "service start": ("service.begin", "tests/ops/service/test_lease.py"),
    "service stop": ("service.stop", "tests/ops/service"),
    "service uninstall": ("service.uninstall", "tests/ops/service/test_units.py"),
    "messages retry": ("message.retry", "tests/ops/messages"),
    "windows configure": ("machine.settings-configure", "tests/ops/windows/test_settings.py"),
    "windows restore": ("machine.settings-restore", "tests/ops/windows/test_settings.py"),
    "tables key": ("tables.keep-key", "tests/ops/test_object_storage.py"),
}
# These change nothing that is kept.
CHANGING_NOTHING = {"demo", "profiles test", "deployments preview", "windows dump-raw"}


def verbs(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:  # Any: typer names no type for a command
    """Every verb that there is, as in "machines add"."""
    children = getattr(command, "commands", {})
    if not children:
        yield " ".join(words)
    for name, child in children.items():
        yield from verbs(child, (*words, name))


ALL_VERBS = frozenset(verbs(typer.main.get_command(build_app())))


def verb_of(line: str) -> str:
    """The verb that ``line`` begins with."""
    words = line.split()
    return next(" ".join(words[:count]) for count in (3, 2, 1) if " ".join(words[:count]) in ALL_VERBS)


def test_every_verb_that_may_change_something_is_tried() -> None:
    """A new one is named here, with the deed that the audit has of it."""
    tried = {verb_of(line) for line, _ in DEEDS}
    assert sorted(ALL_VERBS - READING - tried - ELSEWHERE.keys() - CHANGING_NOTHING) == []


@pytest.mark.parametrize("verb", sorted(ELSEWHERE))
def test_a_deed_that_is_tried_elsewhere_exists(verb: str) -> None:
    """The program writes it into the audit, and the test is there."""
    action, test = ELSEWHERE[verb]
    kind, _, deed = action.partition(".")
    sources = [path.read_text("utf-8") for path in (ROOT / "ops").rglob("*.py")]
    assert any(f'"{action}"' in source or (f'"{kind}' in source and f'"{deed}"' in source) for source in sources)
    assert (ROOT / test).exists()


@pytest.mark.usefixtures("ring")
def test_whatever_changes_is_audited(patchdeck: Patchdeck, home: Path, tmp_path: Path) -> None:
    """One verb after the other; what the state and the files of the home hold changes only with an entry."""
    write_files(tmp_path)
    patchdeck("machines", "list")
    missing = []
    for line, deed in DEEDS:
        before, known = fingerprint(home), newest(home)
        said = run(patchdeck, line)
        entries = [action for number, action in actions(home) if number > known]
        if (deed and deed not in entries) or (not deed and entries) or (fingerprint(home) != before and not entries):
            missing.append((line, deed, entries, changed(before, fingerprint(home)), said))
    assert missing == []


def write_files(folder: Path) -> None:
    """The files that the verbs are given."""
    (folder / "ca.pub").write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_public_key())
    (folder / "machines.csv").write_text("name,address\nlisted-01,127.0.0.3\n", "ascii")
    (folder / "rows.csv").write_text(
        "TimeGenerated,Computer,SourceComputerId\n2026-11-01T00:00:00Z,old,id-old\n", "ascii"
    )


def run(patchdeck: Patchdeck, line: str) -> str:
    """Do what ``line`` says, and give what was said; passwords are typed. No answer of a machine is no error."""
    try:
        return patchdeck(*shlex.split(line), given="pass-1\npass-1\n").err
    except AssertionError as error:
        return str(error)


def fingerprint(home: Path) -> dict[str, str]:
    """What the home holds: each table of the state but those of bookkeeping, and the files that people decide on."""
    with closing(sqlite3.connect(home / "state.db")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        held = {
            name: repr(connection.execute(f"SELECT * FROM {name}").fetchall())
            for name in names
            if name not in BOOKKEEPING
        }
    for part in KEPT_FILES:
        for path in [home / part, *(home / part).rglob("*")]:
            if path.is_file():
                held[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return held


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What is not as it was."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def newest(home: Path) -> int:
    """The number of the newest entry."""
    return max((number for number, _ in actions(home)), default=0)


def actions(home: Path) -> list[tuple[int, str]]:
    """The entries, by number and deed."""
    with closing(sqlite3.connect(home / "state.db")) as connection:
        return connection.execute("SELECT id, action FROM audit ORDER BY id").fetchall()
