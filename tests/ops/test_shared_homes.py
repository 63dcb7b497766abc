"""A home that real users of this host share: what files and the service let each of them do, and what they do not."""

import json
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.roles import Role
from ops import sharing, sharing_reach
from ops.acl import Entry, Tag, read_acl, set_acl, whole_acl
from ops.home import Home, open_home
from ops.roles import UnixGroup
from ops.state.audit import Audit
from ops.state.database import opened
from tests.ops.people import Team, made_team, why_no_people

pytestmark = pytest.mark.skipif(bool(why_no_people()), reason=why_no_people())

REFUSED = {"kind": "connection-refused", "message": "nobody listens"}
# Prints what the service answers to what is on the command line, or what stands in the way.
SAY_RAW = """
import socket, sys
from pathlib import Path
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(20)
try:
    connection.connect({path!r})
    connection.sendall({sent!r})
    print(connection.makefile().readline(), end="")
except OSError as error:
    print(type(error).__name__)
"""
LISTEN = """
import os, socket, sys
path = {path!r}
os.unlink(path)
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
os.removexattr(path, "system.posix_acl_access")
os.chmod(path, 0o777)
listening.listen()
print("listens", flush=True)
listening.settimeout(20)
connection, _ = listening.accept()
print(connection.recv(100))
"""
# Whether an assessment with a password that was typed is for the service.
PROMPTED = """
from pathlib import Path
from dataclasses import replace
from fleet.errors import PatchdeckError
from ops.assess import is_served, options_of
from ops.config import load_settings
from ops.home import open_home
home = open_home(Path({home!r}))
options = options_of(load_settings(home))
assert is_served(home, options)
try:
    print(is_served(home, replace(options, is_prompted=True)))
except PatchdeckError as error:
    print(type(error).__name__, error)
"""
# What the app says to the keys of an operator who assesses and previews, over and over until it has all come.
IN_THE_APP = """
import asyncio
from pathlib import Path
from ops.home import open_home
from ops.state.audit import utc_now
from tui.app import PatchdeckApp
from tui.widgets.table import BigTable
async def use():
    app = PatchdeckApp(open_home(Path({home!r})), clock=utc_now)
    async with app.run_test(size=(80, 24)) as pilot:
        async def until(condition):
            async with asyncio.timeout(30):
                while not condition():
                    await pilot.pause()
        await until(lambda: app.fleet.statuses)
        await pilot.press("A")
        await until(lambda: app.said and app.scan is None)
        await pilot.press("4")
        await until(lambda: app.screen.query(BigTable) and len(app.screen.query_one(BigTable).contents))
        await pilot.press("p")
        said = len(app.said)
        strips = lambda: app.screen._compositor.render_strips()
        text = lambda: "".join(segment.text for line in strips() for segment in line)
        await until(lambda: "1 with a problem" in text() or len(app.said) > said)
        print(*[said.text for said in app.said], sep="; ")
asyncio.run(use())
"""
# What somebody is told who removes a machine.
FORGET = """
from pathlib import Path
from ops.enrolment import find_machine
from ops.home import open_home
from ops.secrets import forget_secrets
home = open_home(Path({home!r}))
print(forget_secrets(home, find_machine(home, "web")))
"""
# Every file and folder of a home that this user can write, and those of secrets and locks that they can read.
CAN_WRITE = """
import os
from pathlib import Path
home = Path({home!r})
found = [home, *home.rglob("*")]
print(*[str(path.relative_to(home)) for path in found if os.access(path, os.W_OK) and not path.is_socket()])
"""


def put_in_use(team: Team) -> None:
    """A home with a machine, a deployment and a secret, shared, with its service at work."""
    transcript = team.place / "web.json"
    transcript.write_text(json.dumps({"format": 1, "replies": [{"failure": REFUSED}]}))
    owner = team.owner
    owner.patchdeck("machines", "add", "web", "--transport", "scripted", "--transcript", str(transcript))
    owner.patchdeck("assess", code=3)
    owner.patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security", "--pre-download", "0")
    (team.home / "config.toml").write_text("[service]\nassess = false\n")
    shutil.chown(team.home / "config.toml", owner.name)
    (team.home / "secrets").mkdir(0o700)
    (team.home / "secrets" / "identity").write_text("AGE-SECRET-KEY-1")
    for path in (team.home / "secrets", team.home / "secrets" / "identity"):
        shutil.chown(path, owner.name)
    owner.patchdeck(
        *("home", "share", "--viewers", team.group(team.viewer)),
        *("--operators", team.group(team.operator), "--admins", team.group(team.admin)),
    )
    owner.patchdeck("service", "start")


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """Owner, viewer, operator, admin and outsider of a shared home whose service works."""
    with made_team() as made:
        try:
            put_in_use(made)
            yield made
        finally:
            made.owner.patchdeck("service", "stop", "--wait", "30")


def audited(team: Team) -> list[tuple[str, str]]:
    """Who did what, the latest first."""
    rows = json.loads(team.viewer.patchdeck("audit", "--json").out)
    return [(row["user"], row["action"]) for row in rows]


def test_viewer_reads_everything(team: Team) -> None:
    """Lists, the audit, queries, the status of the service."""
    viewer = team.viewer
    assert "web" in viewer.patchdeck("machines", "list").out
    assert "home.share" in viewer.patchdeck("audit").out
    assert "nightly" in viewer.patchdeck("deployments", "show", "nightly").out
    assert viewer.patchdeck("query", "SELECT count(*) AS n FROM Machine", "--format", "csv").out.split() == ["n", "1"]
    assert "The service runs" in viewer.patchdeck("service", "status").out
    shown = viewer.patchdeck("home", "show")
    assert "You may look" in shown.err
    assert f"operator  {team.group(team.operator)}" in shown.out


@pytest.mark.parametrize(
    "verb",
    [
        ("assess",),
        ("machines", "add", "other", "--transport", "local"),
        ("deployments", "run", "nightly", "--yes"),
        ("home", "share", "--admins", "users"),
        ("service", "stop"),
    ],
    ids=" ".join,
)
def test_viewer_changes_nothing(team: Team, verb: tuple[str, ...]) -> None:
    """Whatever is more than looking is refused with the role that it takes."""
    ended = team.viewer.patchdeck(*verb, code=11)

    assert "you are its viewer" in ended.err


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_kernel_lets_viewers_and_operators_write_no_file(team: Team, who: str) -> None:
    """Not by our code: there is no file and no folder of the home that their processes could write."""
    assert getattr(team, who).run_code(CAN_WRITE.format(home=str(team.home))).split() == []


@pytest.mark.parametrize("who", ["viewer", "operator", "admin"])
def test_secrets_are_their_owners_alone(team: Team, who: str) -> None:
    """Nobody else enters the folder, admins neither."""
    code = f"import os; print(os.access({str(team.home / 'secrets')!r}, os.R_OK | os.X_OK))"

    assert getattr(team, who).run_code(code).strip() == "False"
    assert stat.S_IMODE((team.home / "secrets").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["store.lock", "service.lock"])
def test_locks_are_for_those_who_write(team: Team, name: str) -> None:
    """Whoever can open a file can hold its lock: viewers cannot."""
    code = f"import os; print(os.access({str(team.home / name)!r}, os.R_OK))"

    assert team.viewer.run_code(code).strip() == "False"
    assert team.admin.run_code(code).strip() == "True"


def test_outsider_does_not_even_look(team: Team) -> None:
    """Who is in no group cannot use the home at all."""
    team.outsider.patchdeck("machines", "list", code=4)


def test_operator_assesses_by_the_service_under_their_own_name(team: Team) -> None:
    """The service reaches the machine, stores what came, and the audit has the operator's name."""
    ended = team.operator.patchdeck("assess", "--json", code=3)

    assert "web" in ended.out
    assert (team.operator.name, "machines.assess") in audited(team)
    assert json.loads(team.viewer.patchdeck("machines", "list", "--json").out)[0]["problem"]


def test_operator_previews_what_is_defined(team: Team) -> None:
    """The plan comes from the service."""
    ended = team.operator.patchdeck("deployments", "preview", "nightly", "--json", code=3)

    assert "web" in ended.out
    assert (team.operator.name, "deployment.preview") in audited(team)


def test_operator_assesses_and_previews_in_the_app(team: Team) -> None:
    """The app asks the service as the verbs do, and nobody is asked for a secret that is not theirs to see."""
    before = audited(team).count((team.operator.name, "deployment.preview"))

    said = team.operator.run_code(IN_THE_APP.format(home=str(team.home)))

    assert said.strip() == "Assessment: 0 answered, 1 failed."
    assert audited(team).count((team.operator.name, "deployment.preview")) == before + 1


def test_operator_is_told_what_the_service_left_out_for_the_scope(team: Team) -> None:
    """A machine that was named is refused by name, as to the owner, and not passed over in silence."""
    team.owner.patchdeck("groups", "add", "none-of-them", "--where", "name = nobody")
    team.owner.patchdeck("scope", "add", "none-of-them")
    try:
        told = [who.patchdeck("assess", "web", code=3).err for who in (team.operator, team.owner)]
    finally:
        team.owner.patchdeck("scope", "remove", "none-of-them", "--everything")
        team.owner.patchdeck("groups", "remove", "none-of-them")

    assert all("web was not touched, it is outside the scope" in each for each in told)


@pytest.mark.parametrize("who", ["viewer", "admin"])
def test_what_is_kept_secret_is_said_to_be_the_owners(team: Team, who: str) -> None:
    """Not as something that broke: the owner is named."""
    ended = getattr(team, who).patchdeck("secrets", "show", code=11)

    assert f"Secrets are kept by {team.owner.name} alone" in ended.err


def test_admin_keeps_no_secret_where_the_service_does_not_look(team: Team) -> None:
    """A password of a machine is for its owner to keep; machines are removed all the same."""
    kept = team.admin.patchdeck("machines", "password", "web", "--in", "keyring", code=11)
    told = team.admin.run_code(FORGET.format(home=str(team.home)))

    assert f"Secrets are kept by {team.owner.name} alone" in kept.err
    assert "stay if there are any" in told


def test_operator_previews_nothing_of_their_own(team: Team) -> None:
    """A definition in a file is not one of an admin."""
    definition = team.place / "own.toml"
    definition.write_text('name = "own"\ntargets = ["all"]\n[updates]\nclasses = ["security"]\n')

    ended = team.operator.patchdeck("deployments", "preview", "-f", str(definition), code=11)

    assert "not as an admin has defined it" in ended.err


def test_operator_runs_pauses_resumes_and_cancels(team: Team) -> None:
    """Each is asked by the operator, whom run and audit name."""
    operator = team.operator
    at = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d %H:%M")
    made = json.loads(operator.patchdeck("deployments", "run", "nightly", "--at", at, "--yes", "--json").out)
    run_id = made[0]["run"]
    for verb in ("pause", "resume", "cancel"):
        operator.patchdeck("deployments", verb, run_id)

    deeds = [action for user, action in audited(team) if user == operator.name]
    assert {"run.make", "run.pause", "run.resume", "run.cancel"} <= set(deeds)
    page = team.viewer.patchdeck("deployments", "status", run_id).out
    assert operator.name in page


@pytest.mark.parametrize(
    "verb",
    [
        ("machines", "add", "other", "--transport", "local"),
        ("deployments", "edit", "nightly", "--window", "300"),
        ("deployments", "remove", "nightly", "--yes"),
        ("groups", "add", "mine", "--where", "name = web"),
        ("deployments", "run", "nightly", "--yes", "--here"),
        ("service", "start"),
    ],
    ids=" ".join,
)
def test_operator_defines_nothing(team: Team, verb: tuple[str, ...]) -> None:
    """Enrolling, defining and working in the service's place are an admin's or the owner's."""
    team.operator.patchdeck(*verb, code=11)


def test_passwords_that_are_asked_for_stay_with_who_asked(team: Team) -> None:
    """What somebody types does not go over the socket: the deed is refused before the service is asked."""
    assert team.operator.run_code(PROMPTED.format(home=str(team.home))).startswith("NotPermitted A password")


def test_admin_writes_whatever_their_umask(team: Team) -> None:
    """With umask 077 too, all that an admin makes can be read by viewers and written by the owner."""
    team.admin.patchdeck("machines", "add", "another", "--transport", "local")

    assert "another" in team.viewer.patchdeck("machines", "list").out
    team.owner.patchdeck("machines", "remove", "another", "--yes")
    assert (team.admin.name, "machine.add") in audited(team)


def test_admin_is_not_the_service(team: Team) -> None:
    """Only the owner works for the home; an admin's assessment is done by the owner's service."""
    ended = team.admin.patchdeck("deployments", "run", "nightly", "--yes", "--here", code=11)
    team.admin.patchdeck("assess", code=3)

    assert team.owner.name in ended.err
    assert (team.admin.name, "machines.assess") in audited(team)


FORGED = {
    "no JSON": b"assess please\n",
    "no object": b'["assess"]\n',
    "unknown deed": b'{"deed":"define"}\n',
    "unknown field": b'{"deed":"run","deployment":"nightly","script":"/bin/sh"}\n',
    "wrong type": b'{"deed":"assess","machine_ids":"all"}\n',
    "unknown machine": b'{"deed":"assess","machine_ids":["no-such-id"]}\n',
    "unknown deployment": b'{"deed":"run","deployment":"../../etc/passwd"}\n',
    "no hash": b'{"deed":"run","deployment":"nightly","required_plan":"x"}\n',
    "escape sequence": b'{"deed":"run","deployment":"nightly","command":"\\u001b[2J"}\n',
    "nested": b'{"deed":' + b"[" * 50_000 + b"\n",
    "no zone": b'{"deed":"run","deployment":"nightly","opens_at":"2099-01-01T00:00:00"}\n',
    "beyond all calendars": b'{"deed":"run","deployment":"nightly","opens_at":"9999-12-31T23:59:59+00:00"}\n',
    "not a number": b'{"deed":"assess","deadline_seconds":NaN}\n',
}


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED.keys())
def test_forged_request_is_refused(team: Team, sent: bytes) -> None:
    """Whatever is not exactly a request does nothing, and the service goes on."""
    before = audited(team)

    said = team.operator.run_code(SAY_RAW.format(path=str(team.home / "service.sock"), sent=sent))

    assert json.loads(said)["kind"] == "refused"
    assert audited(team) == before


def test_refusals_do_not_wash_the_log_away(team: Team) -> None:
    """Whoever sends nonsense over and over has a few lines of it in the log."""
    log = team.home / "patchdeck.log"
    before = log.read_text().count("request refused")

    team.operator.run_code(SAY_RAW.format(path=str(team.home / "service.sock"), sent=b"no\n") * 100)

    assert log.read_text().count("request refused") - before < 50


@pytest.mark.parametrize("who", ["viewer", "outsider"])
def test_kernel_keeps_others_from_the_socket(team: Team, who: str) -> None:
    """Viewers and outsiders do not get as far as the service."""
    said = getattr(team, who).run_code(SAY_RAW.format(path=str(team.home / "service.sock"), sent=b"\n"))

    assert said.strip() == "PermissionError"


def test_membership_counts_as_it_is_now(team: Team) -> None:
    """Who was taken out of the group is refused by the service, though their session still opens the socket."""
    operator, group = team.operator, team.group(team.operator)
    operator.patchdeck("machines", "list")
    subprocess.run(["gpasswd", "--delete", operator.name, group], check=True, capture_output=True, timeout=30)
    try:
        operator.patchdeck("assess", code=11)
        probe = team.admin.start(["-c", "pass"])  # the group's file is read anew by each process
        probe.communicate(timeout=30)
    finally:
        subprocess.run(["gpasswd", "--add", operator.name, group], check=True, capture_output=True, timeout=30)


def test_viewer_reads_while_no_service_works(team: Team) -> None:
    """Also where nobody has state.db open, so that the files that its readers share are not there."""
    team.owner.patchdeck("service", "stop", "--wait", "30")
    try:
        assert not (team.home / "state.db-wal").exists()
        assert "web" in team.viewer.patchdeck("machines", "list").out
        assert "No service works" in team.operator.patchdeck("assess", code=1).err
    finally:
        team.owner.patchdeck("service", "start")


def test_another_listener_is_not_believed(team: Team) -> None:
    """A socket in the place of the service's, of an admin who is not the owner, is asked nothing."""
    with opened(team.home / "state.db") as connection:
        (pid,) = connection.execute("SELECT pid FROM service").fetchone()
    os.kill(pid, signal.SIGSTOP)  # it would put its own socket back
    listener = team.admin.start(["-c", LISTEN.format(path=str(team.home / "service.sock"))])
    try:
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listens\n"
        ended = team.operator.patchdeck("assess", code=4)
        out, _ = listener.communicate(timeout=30)
    finally:
        listener.kill()
        os.kill(pid, signal.SIGCONT)
        (team.home / "service.sock").unlink(missing_ok=True)
        team.owner.patchdeck("service", "stop")
        team.owner.patchdeck("service", "start")

    assert "is not the service's" in ended.err
    assert out.strip() == "b''"


def test_sharing_follows_no_link_and_no_second_name(team: Team) -> None:
    """What leads out of the home keeps its access, though root shares the home."""
    outside = team.place / "outside"
    outside.write_text("root's")
    outside.chmod(0o600)
    (team.home / "queries").mkdir(exist_ok=True)
    shutil.chown(team.home / "queries", team.owner.name)
    (team.home / "queries" / "linked.sql").symlink_to(outside)
    os.link(outside, team.home / "queries" / "hard.sql")
    try:
        team.owner.patchdeck(
            *("home", "share", "--viewers", team.group(team.viewer)),
            *("--operators", team.group(team.operator), "--admins", team.group(team.admin)),
            code=1,
        )
    finally:
        for name in ("linked.sql", "hard.sql"):
            (team.home / "queries" / name).unlink()

    assert stat.S_IMODE(outside.stat().st_mode) == 0o600
    assert read_acl(str(outside)) == ()


def test_roles_that_others_wrote_are_not_believed(team: Team) -> None:
    """An admin who puts another file of roles in place gives nobody a role; sharing again mends it."""
    file = team.home / "roles.toml"
    kept = file.read_bytes()
    path = str(file)
    team.admin.run_code(f"import os; os.unlink({path!r}); open({path!r}, 'w').write('operators = []')")
    try:
        ended = team.operator.patchdeck("assess", code=4)
    finally:
        team.owner.patchdeck(
            *("home", "share", "--viewers", team.group(team.viewer)),
            *("--operators", team.group(team.operator), "--admins", team.group(team.admin)),
        )

    assert "nobody has a role" in ended.err
    assert file.read_bytes() == kept


@pytest.mark.parametrize("odd", ["os.mkdir", "os.mkfifo"])
def test_odd_thing_in_the_place_of_the_roles_is_told(team: Team, odd: str) -> None:
    """Nobody has a role meanwhile; a folder is named to whoever shares the home again."""
    path = str(team.home / "roles.toml")
    team.admin.run_code(f"import os; os.unlink({path!r}); {odd}({path!r})")
    again = (
        *("home", "share", "--viewers", team.group(team.viewer)),
        *("--operators", team.group(team.operator), "--admins", team.group(team.admin)),
    )
    try:
        assert "nobody has a role" in team.operator.patchdeck("assess", code=4).err
        if odd == "os.mkdir":
            assert f"{path}: Is a directory" in team.owner.patchdeck(*again, code=4).err
    finally:
        with suppress(NotADirectoryError):
            Path(path).rmdir()
        team.owner.patchdeck(*again)


def test_link_in_the_place_of_a_lock_is_not_followed(team: Team) -> None:
    """It is named."""
    lock = team.home / "store.lock"
    lock.rename(team.home / "aside.lock")
    lock.symlink_to("/etc/passwd")
    try:
        ended = team.owner.patchdeck("home", "share", "--viewers", team.group(team.viewer), code=4)
    finally:
        (team.home / "aside.lock").replace(lock)

    assert f"{lock}: Too many levels of symbolic links" in ended.err


def test_home_is_the_owners_alone_again(team: Team, tmp_path: Path) -> None:
    """Taking the roles away shuts everybody else out."""
    del tmp_path
    team.owner.patchdeck("home", "unshare")
    try:
        team.viewer.patchdeck("machines", "list", code=4)
        assert read_acl(str(team.home)) == ()
        assert stat.S_IMODE((team.home / "state.db").stat().st_mode) == 0o600
    finally:
        team.owner.patchdeck(
            *("home", "share", "--viewers", team.group(team.viewer)),
            *("--operators", team.group(team.operator), "--admins", team.group(team.admin)),
        )


def test_roles_are_in_place_when_the_audit_tells_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service looks when state.db is written: what it looks for has to be there by then."""
    home = open_home(tmp_path / "home")
    seen: list[list[str]] = []
    write = sharing._write_roles

    def told() -> list[str]:
        with opened(home.state_file) as connection:
            return [entry.action for entry in Audit(connection).list_entries()]

    def write_and_look(home: Home, owner: int, groups: sharing_reach.Groups) -> None:
        write(home, owner, groups)
        seen.append(told())

    monkeypatch.setattr(sharing, "_write_roles", write_and_look)

    sharing.share_home(home, {Role.VIEWER: (UnixGroup("games", 60),)})

    assert seen == [[]]
    assert told() == ["home.share"]


def test_copy_without_lists_is_told_as_open_to_another_group(tmp_path: Path) -> None:
    """What the mask let the named groups do, the mode lets the owner's own group do once the lists are gone."""
    home = open_home(tmp_path / "home")
    sharing.share_home(home, {Role.ADMIN: (UnixGroup("games", 60),)})
    before = sharing_reach.describe_reach(home)

    os.removexattr(home.path, "system.posix_acl_access")

    told = [line for line in sharing_reach.describe_reach(home) if line not in before]
    assert told[0].startswith("The access control lists are gone")


@pytest.mark.parametrize(("narrower", "is_enough"), [(4, True), (6, True), (0, False)])
def test_file_of_an_admin_may_be_narrower_but_readable(narrower: int, is_enough: bool) -> None:
    """The store makes files that nobody is to write: its mask is narrower than what an owner would give."""
    wanted = whole_acl([Entry(Tag.GROUP, 4242, 4), Entry(Tag.USER, 4243, 6)], 6)
    made = whole_acl([Entry(Tag.GROUP, 4242, 5), Entry(Tag.USER, 4243, 7)], 6)
    found = [replace(each, permissions=narrower) if each.tag is Tag.MASK else each for each in made]

    assert sharing._is_enough(sharing._effective(found), sharing._effective(wanted)) is is_enough


def test_file_that_gives_another_group_more_is_not_enough() -> None:
    """A role that was taken away is not left in force because the file is another's."""
    wanted = whole_acl([Entry(Tag.GROUP, 4242, 4)], 6)
    found = whole_acl([Entry(Tag.GROUP, 4242, 6)], 6)

    assert not sharing._is_enough(sharing._effective(found), sharing._effective(wanted))
    assert not sharing._is_enough(
        sharing._effective(whole_acl([Entry(Tag.GROUP, 7, 4)], 6)), sharing._effective(wanted)
    )


def test_sharing_that_was_broken_off_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has a role, but files have lists already; the same again ends it."""
    home = open_home(tmp_path / "home")
    monkeypatch.setattr(sharing, "_write_roles", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        sharing.share_home(home, {Role.VIEWER: (UnixGroup("games", 60),)})

    assert "was broken off" in sharing_reach.describe_reach(home)[0]
    sharing.unshare_home(home)
    assert sharing_reach.describe_reach(home) == ()


def test_folder_of_somebody_else_above_the_home_is_told(tmp_path: Path) -> None:
    """Its owner, or a group that may write in it, could put another home in its place; in a sticky one only owners."""
    folder = tmp_path / "above"
    folder.mkdir()
    home = open_home(folder / "home")
    groups = {Role.VIEWER: (UnixGroup("games", 60),)}

    def told() -> list[str]:
        return [line for line in sharing_reach.describe_way(home, groups) if f"in {folder}," in line]

    assert told() == []
    os.chown(folder, 0, 60)
    folder.chmod(0o775)
    assert told()[0].startswith("The group of number 60 can write")
    folder.chmod(0o1777)
    assert told() == []
    os.chown(folder, 4242, 60)
    assert told()[0].startswith("4242 can write")


def test_list_of_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The kernel keeps the entries, with a mask of all that named ones have."""
    file = tmp_path / "file"
    file.touch()

    set_acl(str(file), whole_acl([Entry(Tag.GROUP, 4242, 4), Entry(Tag.USER, 4243, 6)], 6))

    assert Entry(Tag.GROUP, 4242, 4) in read_acl(str(file))
    assert Entry(Tag.MASK, None, 6) in read_acl(str(file))
