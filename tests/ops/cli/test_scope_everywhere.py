"""Whatever is typed, nothing connects to a machine outside the scope; with every verb that there is."""

import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester
from fleet.deployments.update_rules import UpdateRules
from fleet.groups.group import Group
from fleet.machines import Machine, OSType, TransportKind
from fleet.profiles import SecretOrigin, SecretPlace
from fleet.updates import Classification
from ops.cli.app import build_app
from ops.credentials.book import add_profile, new_profile
from ops.deployments.definitions import define
from ops.deployments.new_runs import new_run
from ops.groups import define_group
from ops.home import Home, open_home
from ops.scoping import add_to_scope
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.runs import RunBook
from tests.ops.touched_machines import CountingPort, count_local, counting_port

Patchdeck = Callable[..., object]
_RULES = UpdateRules(classes=(Classification.SECURITY,))
_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

# Every verb, aimed at the machines outside. A new verb is a line here; {run} is a run of the deployment nightly, {port}
# where the machine outside listens. list.csv names it, and so does the profile far.
_READING = (
    "alerts back-test run-failed",
    "alerts history",
    "alerts list",
    "alerts open",
    "alerts preview run-failed",
    "alerts show run-failed",
    "alerts starter",
    "audit",
    "audit head",
    "audit show 1",
    "audit verify",
    "channels list",
    "channels show pager",
    "commands far-1",
    "deployments approvals",
    "deployments calendar",
    "deployments history",
    "deployments list",
    "deployments logs {run}",
    "deployments outlook nightly",
    "deployments record {run}",
    "deployments results {run}",
    "deployments runs",
    "deployments show nightly",
    "deployments starts nightly",
    "deployments status {run}",
    "export Machine out",
    "enrol-token list",
    "feeds list",
    "groups facts",
    "groups list",
    "groups preview everybody",
    "groups show everybody",
    "home show",
    "keys list",
    "machines authorities",
    "machines candidates",
    "machines list",
    "machines history far-1",
    "machines logs far-1",
    "machines show far-1",
    "messages list",
    "messages show 1",
    "metrics",
    "overview",
    "profiles list",
    "profiles show far",
    "profiles which far-1",
    "queries list",
    "queries show fleet-compliance",
    "query SELECT_1",
    "reports list",
    "reports make compliance --format csv -o report.csv",
    "reports schedule list",
    "scope preview",
    "scope show",
    "secrets show",
    "serve-ssh keys list",
    "serve-ssh sessions list",
    "serve-ssh unit",
    "service status",
    "settings list",
    "settings show app.theme",
    "sources list",
    "sources show list",
    "tables check",
    "tables list",
    "tables stats",
    "updates",
    "diff 1d",
    "why *",
    "about *",
)
_CHANGING = (
    "alerts ack run-failed --note seen",
    "alerts add --starter run-failed",
    "alerts disable run-failed",
    "alerts edit run-failed --severity error",
    "alerts enable run-failed",
    "alerts remove run-failed --yes",
    "alerts test pager",
    "channels add pager command --command /bin/true",
    "channels disable pager",
    "channels edit pager --command /bin/false",
    "channels enable pager",
    "channels remove pager",
    "channels test pager",
    "deployments approve {run} --yes",
    "deployments unapprove {run}",
    "messages retry 1",
    "reports schedule add weekly compliance --every day --at 06:00",
    "reports schedule edit weekly --at 07:00",
    "reports schedule remove weekly",
    "deployments add weekly --target all --class security",
    "deployments cancel {run}",
    "deployments disable nightly",
    "deployments edit nightly --window 60",
    "deployments enable nightly",
    "deployments pause {run}",
    "deployments remove nightly",
    "deployments resume {run}",
    "enrol-accept 9c41d07e",
    "enrol-token authorize 9c41d07e",
    "enrol-token new --console 127.0.0.1:{port}",
    "enrol-token revoke 9c41d07e",
    "feeds add ubuntu",
    "feeds remove ubuntu",
    "feeds update",
    "groups add more far-*",
    "groups edit everybody far-1",
    "groups remove nobody",
    "home share --viewers nobody-has-this",
    "home unshare",
    "machines add far-2 --address 127.0.0.1 --port {port}",
    "machines approve far-2",
    "machines disable far-1",
    "machines edit far-1 --tag ring=1",
    "machines enable far-1",
    "machines import list.csv --all",
    "machines import list.csv --all --follow --source list --new enrol",
    "machines password far-1 --forget",
    "machines probe 127.0.0.1 --ports {port}",
    "machines probe localhost --ports {port}",
    "machines refuse far-2",
    "machines remove far-1 --yes",
    "machines rename far-1 far-9",
    "machines restore far-1",
    "machines retire far-1 --yes",
    "machines revoke-key no-file.pub --yes",
    "machines trust-ca no-file.pub --hosts 127.0.0.1 --yes",
    "profiles add near --user nobody",
    "profiles edit far --user nobody",
    "profiles remove far",
    "profiles set-secret far password --command 'echo x'",
    "queries copy fleet-compliance mine",
    "queries edit mine",
    "queries remove mine",
    "queries rename mine ours",
    "queries save mine SELECT_1",
    "scope add prod",
    "scope remove nothing",
    "secrets init",
    "secrets passphrase",
    "serve-ssh keys add anna no-file.pub",
    "serve-ssh keys remove anna",
    "serve-ssh sessions end anna",
    "settings edit",
    "settings set app.theme textual-dark",
    "settings unset app.theme",
    "sources edit list --every 5",
    "sources remove list",
    "sources run",
    "tables compact",
    "tables key",
    "tables load Update no-file",
    "tables vacuum",
    "windows kept win-1",
    "windows restore win-1 --yes",
)
# These connect to machines that they may touch.
_REACHING = (
    "assess",
    "assess far-1 here-1",
    "assess --refresh group:everybody",
    "check far-1",
    "check all",
    "deployments preview nightly",
    "deployments preview nightly far-1",
    "deployments run nightly --here --yes",
    "deployments run nightly far-1 --here --yes",
    "assess win-1",
    "check win-1",
    "machines accept-certificate win-1 --yes",
    "machines reinstalled win-1 --yes",
    "machines test win-1",
    "machines accept-key far-1 --yes",
    "machines reinstalled far-1 --yes",
    "machines test far-1",
    "profiles rotate far password --command 'echo x'",
    "profiles test far",
    "windows configure win-1 --automatic-updates download --yes",
    "windows dump-raw win-1",
    "windows show win-1",
)
_ELSEWHERE = {
    "demo": "has a home of its own, and opens the app",
    "completion": "prints a script",
    "complete": "says names, reads state.db",
    "service run": "tests/ops/service/test_scope.py",
    "service start": "tests/ops/service/test_scope.py",
    "service stop": "ends a process",
    "service install": "writes a unit",
    "service uninstall": "removes a unit",
}


@dataclass(frozen=True, slots=True)
class _Fleet:
    """A home without a scope and the same home with one; copied for each test, since making one waits for the disk."""

    open_to_all: Path
    scoped: Path
    listening: CountingPort
    run: str


@dataclass(frozen=True, slots=True)
class _Outside:
    """What is outside: a machine that listens, and the one that the tests run on; ``run`` waits for its window."""

    listening: CountingPort
    touched_before: int
    local_touches: Callable[[], int]
    run: str

    @property
    def touches(self) -> int:
        """How often any of it was touched in this test."""
        return self.listening.count_touches() - self.touched_before + self.local_touches()

    def words(self, line: str) -> list[str]:
        """A line of the tables above as arguments."""
        filled = line.format(run=self.run, port=self.listening.port)
        return [word.replace("SELECT_1", "SELECT 1") for word in shlex.split(filled)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Fleet]:
    """A fleet whose machine in the group prod does not listen."""
    folder = tmp_path_factory.mktemp("fleet")
    made = open_home(folder / "open")
    with counting_port() as listening:
        run = _fill(made, listening.port)
        shutil.copytree(made.path, folder / "scoped")
        add_to_scope(open_home(folder / "scoped"), ["prod"])
        yield _Fleet(made.path, folder / "scoped", listening, run)


def _fill(home: Home, port: int) -> str:
    """Puts the machines, groups and deployment into ``home``; the id of a run that waits."""
    near = Machine("id-near", "near-1", TransportKind.SSH, _AT, address="127.0.0.1", port=9)
    far = replace(near, id="id-far", name="far-1", port=port, profile="far")
    password = SecretOrigin(SecretPlace.COMMAND, ("echo", "old"))
    add_profile(home, replace(new_profile("far"), user="tester", password=password))
    with opened(home.state_file) as connection:
        by_winrm = replace(far, id="id-win", name="win-1", transport=TransportKind.WINRM, os_type=OSType.WINDOWS)
        for machine in (near, far, by_winrm, Machine("id-here", "here-1", TransportKind.LOCAL, _AT)):
            MachineBook(connection).add(machine)
        run = new_run(Deployment("nightly", ("all",), _RULES), utc_now().replace(year=2099), Requester("tester"))
        RunBook(connection).make(run)
    define(home, Deployment("nightly", ("far-1", "here-1"), _RULES))
    for name, target in (("prod", "near-*"), ("everybody", "all"), ("nobody", "none-*")):
        define_group(home, Group(name, (target,)))
    return run.id


def _begin(fleet: _Fleet, of: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> _Outside:
    """A copy ``of`` one of the homes, from which nothing has connected yet."""
    shutil.copytree(of, home)
    (home.parent / "list.csv").write_text(f"name,address,port\nfar-3,127.0.0.1,{fleet.listening.port}\n")
    # A service that works on what is asked for is tests/ops/service/test_scope.py; a real one would outlive the test.
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda _: "")
    monkeypatch.setattr("ops.deployments.planning._WAIT_SECONDS", 0.01)
    return _Outside(fleet.listening, fleet.listening.count_touches(), count_local(monkeypatch), fleet.run)


def test_every_verb_is_tried() -> None:
    """A verb that is new is aimed at a machine outside, too."""
    tried = {*_READING, *_CHANGING, *_REACHING, *_ELSEWHERE}

    assert [verb for verb in _verbs() if not any(line == verb or line.startswith(f"{verb} ") for line in tried)] == []


@pytest.mark.parametrize("line", [*_READING, *_CHANGING, *_REACHING])
def test_verb_touches_nothing_outside(
    line: str, fleet: _Fleet, home: Path, patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever becomes of it, nobody has connected, and the local machine was asked nothing."""
    outside = _begin(fleet, fleet.scoped, home, monkeypatch)

    ended = _end(patchdeck, outside.words(line))

    assert outside.touches == 0, ended


@pytest.mark.parametrize("line", _REACHING)
def test_verb_touches_what_is_inside(
    line: str, fleet: _Fleet, home: Path, patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a scope the same words connect: else the test above would prove nothing."""
    outside = _begin(fleet, fleet.open_to_all, home, monkeypatch)

    _end(patchdeck, outside.words(line))

    assert outside.touches > 0


def _end(patchdeck: Patchdeck, words: list[str]) -> str:
    """How it ended; any exit code will do."""
    try:
        return str(patchdeck(*words))
    except AssertionError as error:
        if "Traceback" in str(error):
            raise
        return str(error)


def _verbs() -> list[str]:
    def walk(command: object, path: str) -> Iterator[str]:
        commands = getattr(command, "commands", None)
        if not commands:
            yield path
            return
        for name, inner in commands.items():
            yield from walk(inner, f"{path} {name}".strip())

    return [*walk(typer.main.get_command(build_app()), "")]
