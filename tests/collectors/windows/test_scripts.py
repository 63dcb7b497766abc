"""The scripts for Windows, which no test here can run: they parse, and keep to what is documented and agreed."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from collectors.windows import assess_answer
from collectors.windows.script_call import bootstrap_command, call_script, script_text
from tests.collectors.windows.powershell_tree import (
    FILES,
    SCRIPTS,
    commands,
    faults,
    functions,
    is_guarded,
    key_sets,
    members,
    parse,
    parse_text,
    text_of,
    walk,
)
from tests.winrm_peer.execution import run_payload
from tests.winrm_peer.machine import PeerMachine

NAMES = [path.stem for path in FILES]
DOCUMENTED = frozenset((Path(__file__).parent / "documented_names.txt").read_text(encoding="ascii").split())
WITH = re.compile(r"\A# with: ([a-z_ ]+)\r?\n")
# A task of SYSTEM may do what a login from elsewhere may not.
BY_SYSTEM = {name for name in NAMES if name.endswith("_task")}
NOT_REMOTELY = {
    *("CreateUpdateDownloader", "CreateUpdateInstaller", "AcceptEula", "BeginSearch", "EndSearch", "AddService"),
    *("AddService2", "RemoveService", "ServiceEnabled", "WebProxy", "CreateUpdateServiceManager"),
}
ASSESSING = ("assess", "assess_follow", "assess_task", "search_part", "facts_part", "task_part", "assess_part")
# Only PowerShell 6 and later know these.
NEWER = ("??", "?.", "-Parallel", "-AsHashtable", "-AsArray", "-Ternary")
FORBIDDEN = {
    *("read-host", "write-host", "invoke-expression", "iex", "out-host", "pause", "get-credential", "start-transcript"),
    *("out-gridview", "show-command", "clear-host", "write-progress", "invoke-webrequest", "invoke-restmethod"),
}
MOST_COMMAND_LINE = 8191  # cmd.exe


@pytest.mark.parametrize("name", NAMES)
def test_every_script_parses(name: str) -> None:
    """Without an error that the grammar sees."""
    assert faults(parse(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_script_is_plain_text(name: str) -> None:
    """ASCII in lines that are read, no tab, and an end of the last line."""
    content = (SCRIPTS / f"{name}.ps1").read_bytes()

    assert content.isascii()
    assert b"\t" not in content
    assert content.endswith(b"\n")
    assert max(map(len, content.splitlines())) <= 200


@pytest.mark.parametrize("name", NAMES)
def test_no_script_needs_a_newer_powershell_or_a_person(name: str) -> None:
    """PowerShell 5.1 runs them, and nobody sits before it."""
    code = _without_comments(name)

    assert [word for word in NEWER if word in code] == []
    assert not re.search(r"&&|\|\|", code)
    assert {command.casefold() for command in commands(parse(name))} & FORBIDDEN == set()


@pytest.mark.parametrize("name", NAMES)
def test_json_is_written_as_deep_as_it_is(name: str) -> None:
    """ConvertTo-Json cuts at two levels unless it is told."""
    calls = [text_of(node) for node in walk(parse(name)) if node.type == "command"]

    assert [call for call in calls if call.startswith("ConvertTo-Json") and "-Depth" not in call] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_script_waits_for_wmi_without_an_end(name: str) -> None:
    """A repository that is broken, or busy, answers never, and by itself nothing gives up."""
    calls = [text_of(node) for node in walk(parse(name)) if node.type == "command"]

    assert [call for call in calls if call.startswith("Get-CimInstance") and "-OperationTimeoutSec" not in call] == []


@pytest.mark.parametrize("name", NAMES)
def test_only_documented_names_are_asked_of_objects(name: str) -> None:
    """A slip in a name is null in PowerShell, and no error. A new one is looked up, and put on the list."""
    assert members(parse(name)) - DOCUMENTED == set()


def test_the_list_of_documented_names_holds_none_that_nobody_asks() -> None:
    """So that what is on it was looked at for a reason."""
    assert DOCUMENTED - {name for script in NAMES for name in members(parse(script))} == set()


@pytest.mark.parametrize("name", sorted(set(NAMES) - BY_SYSTEM))
def test_what_is_refused_to_logins_from_elsewhere_is_tried_only(name: str) -> None:
    """Microsoft's list of what the agent does not do remotely."""
    refused = [
        text_of(node)
        for node in walk(parse(name))
        if (node.type == "member_name" and text_of(node) in NOT_REMOTELY)
        or text_of(node) == "Microsoft.Update.SystemInfo"
        if not is_guarded(node)
    ]
    hides = re.findall(r"\.IsHidden\s*=[^=]", _without_comments(name))

    assert (refused, hides) == ([], [])


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"bootstrap", "prelude"}))
def test_no_part_defines_again_what_another_one_has(name: str) -> None:
    """The later one would count, for the callers of the other one too."""
    found = [text_of(node).casefold() for node in walk(parse_text(script_text(name))) if node.type == "function_name"]

    assert sorted(set(found)) == sorted(found)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"task_part"}))
def test_system_is_become_in_one_way_only(name: str) -> None:
    """Tasks, and folders that they trust, are made by the part that looks whose they are, and by nothing else."""
    code = _without_comments(name)
    own_folder = {"run_script"}  # that of the login, which runs nothing as SYSTEM

    assert not re.search(r"Schedule\.Service|RegisterTaskDefinition|ScheduledTask|schtasks|CommonApplicationData", code)
    assert name in own_folder or "DirectorySecurity" not in code


def test_a_task_runs_no_other_bytes_than_were_put_there() -> None:
    """SYSTEM compares the file with what its own command line holds, and runs what it compared."""
    code = (SCRIPTS / "task_part.ps1").read_text("ascii")
    read, compared, run = (code.index(text) for text in ("ReadAllBytes", "-ne $own) { exit 99 }", "'. ([ScriptBlock]"))

    assert read < compared < run
    assert code.count("ReadAllText") == 0


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("_part")])
def test_a_script_defines_what_it_calls(name: str) -> None:
    """In itself, in what all scripts share, or in the parts that its first line names."""
    root = parse_text(b"" if name in ("bootstrap", "prelude") else script_text(name))
    own = {command for command in commands(root) if "Patchdeck" in command}

    assert own - functions(root) == set()


def test_the_bootstrap_fits_a_command_line() -> None:
    """That of cmd.exe, with room for how it is started."""
    assert len(bootstrap_command()) < MOST_COMMAND_LINE - 200


def test_a_payload_that_lost_a_line_is_not_run() -> None:
    """Whichever it was: a shell in between may have read some, and what is left could still be a script."""
    payload = call_script("greet", {"a": 1}).payload
    lines = payload.splitlines(keepends=True)
    bootstrap = (SCRIPTS / "bootstrap.ps1").read_text("ascii")

    assert lines[-1] == f"E {len(lines) - 1}\r\n".encode()
    assert "$text -eq ('E ' + $count)" in bootstrap
    assert bootstrap.index("'E ' + $count") < bootstrap.index("$count++")
    for at in range(len(lines)):
        pieces = run_payload(PeerMachine(), b"".join(lines[:at] + lines[at + 1 :])).pieces
        assert [piece.content for piece in pieces] == [b"patchdeck-input-cut\r\n"]


def test_no_value_is_put_into_the_text_of_a_script() -> None:
    """What is sent is the file itself, whatever it is told: parameters go beside it."""
    for name in set(NAMES) - {"bootstrap", "prelude"}:
        assert script_text(name).endswith((SCRIPTS / f"{name}.ps1").read_bytes())
        assert not re.search(rb"%\(|\{\{|\}\}|\{[0-9]+!", (SCRIPTS / f"{name}.ps1").read_bytes())


def test_what_an_assessment_writes_is_what_is_read() -> None:
    """Each table in the scripts is one of the dataclasses, key for key, and each dataclass is written by some table."""
    written = {keys for name in ASSESSING for keys in key_sets(parse(name)) if keys}
    records = {
        kind.__name__: frozenset(field.name for field in fields(kind))
        for kind in vars(assess_answer).values()
        if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
    }
    found = records["FoundAnswer"] - {"reboot_required", "wua_asked"}
    records["MachineAnswer"] = records["MachineAnswer"] - {"found"} | found

    assert written == set(records.values())


def test_tables_of_another_shape_are_seen() -> None:
    """The proof above rests on finding tables within tables, and on telling quoted keys apart."""
    root = parse_text(b"$a = @{ one = @(Get-Item x); two = @{ three = 1 }; 'four' = 4 }\n")

    assert sorted(map(sorted, key_sets(root))) == [["one", "two"], ["three"]]


def _without_comments(name: str) -> str:
    code = (SCRIPTS / f"{name}.ps1").read_text(encoding="ascii")
    for node in walk(parse(name)):
        if node.type == "comment" or node.type.endswith("string_characters"):
            code = code.replace(text_of(node), "")
    return code
