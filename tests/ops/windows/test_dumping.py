"""Raw dumps: nothing in them tells whose the machine is, and the peer answers by one as the machine did."""

import asyncio
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import BadInput
from fleet.failures import Failure
from fleet.machines import Machine
from fleet.raw_dump.pseudonyms import NameKind
from fleet.raw_dump.sanitizing import encode_again, sanitized
from ops.credentials.finding import HomeSecrets
from ops.home import Home
from ops.windows.dumping import RawDump, dump_machine, write_dump
from tests.ops.windows.conftest import Enrolled
from tests.winrm_peer.dumps import load_dump
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser
from tests.winrm_peer.scenario import BadScenario
from tests.winrm_peer.scripts import dump as script
from tests.winrm_peer.systems import server_2019, server_2022, server_2025

SECRETS = (
    *("svc-patch-7", "PAYROLL-DC9", "payroll.contoso.com", "PAYROLLDOM", "10.44.7.91", "fe80::9a1b:22ff:fe33:4455"),
    *(
        "S-1-5-21-1085031214-1563985344-725345543-1107",
        "wsus07.payroll.contoso.com",
        "hunter2-Secret!",
        "00-1A-2B-3C-4D-5E",
    ),
    *(
        "VK7JG-NPHTM-C97JM-9MPGT-3V66T",
        "anna.muster@payroll.contoso.com",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdEFGH",
    ),
    *("da39a3ee5e6b4b0d3255bfef95601890afd80709", "fileserver44", "proxyhost5", "anna.muster"),
)
# Everything at once, as it stands in messages, paths, addresses and settings of a machine.
SENTENCE = (
    r"PAYROLLDOM\svc-patch-7 (S-1-5-21-1085031214-1563985344-725345543-1107) on PAYROLL-DC9.payroll.contoso.com at "
    r"10.44.7.91, fe80::9a1b:22ff:fe33:4455, 00-1A-2B-3C-4D-5E; C:\Users\anna.muster\x, \\fileserver44\share, "
    r"http://svc-patch-7:hunter2-Secret!@wsus07.payroll.contoso.com:8530/x?token=hunter2-Secret!, proxyhost5:8080, "
    r"anna.muster@payroll.contoso.com, password=hunter2-Secret!; VK7JG-NPHTM-C97JM-9MPGT-3V66T, "
    r"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdEFGH da39a3ee5e6b4b0d3255bfef95601890afd80709"
)
NAMES = {NameKind.HOST: ["PAYROLL-DC9"], NameKind.DOMAIN: ["PAYROLLDOM"], NameKind.USER: ["svc-patch-7"]}


def planted(value: Any) -> Any:
    """``value`` with the sentence behind every text of it, texts in base64 included."""
    if isinstance(value, dict):
        return {key: planted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [planted(each) for each in value]
    return f"{value} {SENTENCE}" if isinstance(value, str) else value


def dump(home: Home, machine: Machine) -> RawDump:
    """The dump of ``machine``, which answers."""
    made = asyncio.run(dump_machine(home, machine, HomeSecrets(home)))
    assert isinstance(made, RawDump)
    return made


def texts(value: Any) -> Iterator[str]:
    """Every text in ``value``, keys included."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def test_secrets_planted_in_every_field_are_gone(home: Home, enrolled: Enrolled) -> None:
    """Whatever a field is called and however deep it lies, in every text of a whole dump."""
    made = dump(home, enrolled(server_2022()))
    everywhere = planted(json.loads(json.dumps(made.document["calls"])))

    told = "\n".join(texts(sanitized(everywhere, NAMES))).casefold()

    assert [secret for secret in SECRETS if secret.casefold() in told] == []
    assert "contoso" not in told


def test_secrets_in_base64_are_found_and_put_back_without_them() -> None:
    """A task's answer comes as base64 of JSON; other base64 could hold anything."""
    import base64

    inner = base64.b64encode(json.dumps({"message": SENTENCE, "kb": ["5044284"]}).encode()).decode()
    file = base64.b64encode(("PReg" + SENTENCE).encode("utf-16-le")).decode()

    clean = sanitized({"result": inner, "content": file}, NAMES)

    told = "\n".join(texts(clean)).casefold()
    assert [secret for secret in SECRETS if secret.casefold() in told] == []
    again = json.loads(base64.b64decode(encode_again(clean)["result"]))
    assert again["kb"] == ["5044284"]
    assert "bytes in base64" in clean["content"]


def test_pseudonyms_are_the_same_for_the_same() -> None:
    """So that a dump still tells what belongs together, whatever the case."""
    clean = sanitized(["payroll-dc9 a", "PAYROLL-DC9 b", "10.44.7.91", "10.44.7.91 and 10.44.7.92"], NAMES)

    assert clean[0].split()[0] == clean[1].split()[0] == "host-1"
    assert clean[3].split()[0] == clean[2] != clean[3].split()[2]


@pytest.mark.parametrize(
    "harmless",
    [
        "10.0.20348.2700",
        "2026-10 Cumulative Update for Windows Server 2022 (KB5044281)",
        "https://support.microsoft.com/help/5044281",
        "0fa1201d-4330-4fa8-8ae9-b877473b6441",
        r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU",
        "0x80070005",
        "Microsoft.Update.Session",
        "2026-11-23T19:52:57Z",
        "IsInstalled=0 and IsHidden=0",
        r"NT AUTHORITY\SYSTEM",
        "wuaueng.dll",
    ],
)
def test_what_tells_of_nobody_stays(harmless: str) -> None:
    """A dump in which all is replaced would be of no use."""
    assert sanitized([harmless], NAMES) == [harmless]


@pytest.mark.parametrize("make", [server_2019, server_2022, server_2025])
def test_dump_becomes_a_machine_that_is_assessed_alike(
    home: Home, enrolled: Enrolled, tmp_path: Path, make: Any
) -> None:
    """The same updates, source and way to search; only names differ."""
    real = make()
    real.users = [PeerUser(name="svc-patch-7")]
    first = dump(home, enrolled(real))
    path = write_dump(first, tmp_path / "dump.json.gz", may_shrink=False)

    again = load_dump(path)

    assert again.name != real.name
    again.users, again.name = [PeerUser()], "AGAIN"
    second = dump(home, enrolled(again))
    assert told_of(second) == told_of(first)
    assert again.refuses_search == real.refuses_search
    assert [(u.id, u.kb, u.revision) for u in again.offered()] == [(u.id, u.kb, u.revision) for u in real.offered()]
    assert set(again.registry.keys) >= {
        key for key in real.registry.keys if "Policies" in key and real.registry.keys[key]
    }


def told_of(made: RawDump) -> object:
    """What an assessment came to, without how long it took."""
    return {name: value for name, value in made.document["assessment"].items() if name != "elapsed_seconds"}


@pytest.mark.parametrize(
    "calls",
    [
        None,
        5,
        "x",
        [5],
        [{}],
        [{"script": "assess", "answers": 5}],
        [{"script": "assess", "answers": [{"computer": 5}]}],
    ],
)
def test_dump_of_another_shape_is_refused(calls: Any, tmp_path: Path) -> None:
    """Whoever sent it, and however it was cut."""
    path = tmp_path / "dump.json"
    document = json.dumps({"kind": "patchdeck-windows-dump", "schema": 1, "calls": calls}).encode()
    for content in (document, gzip.compress(document), gzip.compress(document)[:-9], b"[" * 200_000):
        path.write_bytes(content)
        with pytest.raises(BadScenario):
            load_dump(path)


def test_dump_names_nothing_of_the_machine(home: Home, enrolled: Enrolled, tmp_path: Path) -> None:
    """Its name, its user, its ids and its addresses, from the file as it is written."""
    real = PeerMachine(name="PAYROLL-DC9", domain="payroll.contoso.com", ip_addresses=["10.44.7.91"])
    real.users = [PeerUser(name="svc-patch-7")]
    path = write_dump(dump(home, enrolled(real)), tmp_path / "dump.json", may_shrink=False)

    said = path.read_text("ascii").casefold()

    for name in ("payroll", "svc-patch-7", "10.44.7.91", "127.0.0.1", real.machine_guid, real.system_uuid):
        assert name.casefold() not in said, name
    assert path.stat().st_mode & 0o077 == 0


def test_dump_is_never_written_over_a_file(home: Home, enrolled: Enrolled, tmp_path: Path) -> None:
    """Nor over what a home consists of."""
    made = dump(home, enrolled(PeerMachine(name="ONCE")))
    path = write_dump(made, tmp_path / "dump.json.gz", may_shrink=True)

    assert json.loads(gzip.decompress(path.read_bytes()))["schema"] == 1
    for taken in (path, home.state_file, home.path / "tables" / "new.json"):
        with pytest.raises(BadInput):
            write_dump(made, taken, may_shrink=True)


def test_part_that_fails_stops_no_other(home: Home, enrolled: Enrolled) -> None:
    """A machine that refuses the search is the one whose dump is wanted most."""
    peer = server_2025()
    peer.are_tasks_refused = True

    made = dump(home, enrolled(peer))

    parts = [call["told"].get("part") for call in made.document["calls"] if call["script"] == "dump"]
    assert parts == ["echo", "system", "services", "registry", "probes", "winrm", "tasks", "history", "search"]
    assert made.document["assessment"]["failure"]


def test_machine_that_does_not_say_its_names_is_not_dumped(
    home: Home, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could not be taken out of what it says."""
    machine = enrolled(PeerMachine(name="SILENT"))
    monkeypatch.setattr(script, "answer", lambda machine, told, say: say({"schema": 1, "ok": False, "found": None}))

    made = asyncio.run(dump_machine(home, machine, HomeSecrets(home)))

    assert isinstance(made, Failure)
    assert "names" in made.describe()


def test_endless_text_of_a_machine_is_cut() -> None:
    """What would take hours to look through tells nothing."""
    clean = sanitized({"title": "a" * 3_000_000 + " PAYROLL-DC9"}, NAMES)
    assert len(clean["title"]) == 10_000


@pytest.mark.parametrize(
    "said",
    [
        r"C:\\Users\\erika.muster\\x", "C:/Users/erika.muster/x", r"\Users\erika.muster\x", r"D:\Profiles\erika.muster",
        r"%SystemDrive%\Users\erika.muster is full, says erika.muster", r"denied for FABRIKAM\jsmith. FABRIKAM: jsmith",
        r"AzureAD\ErikaMuster", "//fileserver9/x on fileserver9", "file://fileserver9/x", "smb://fileserver9/x",
        "CN=erika.muster,O=Fabrikam GmbH,L=Nowhere", "OU=Servers9,DC=fabrikam,DC=berlin", "proxy.fabrikam:8080",
        "joe:hunter2$!@proxyhost9:8080", "http=joe:hunter2@proxyhost9:80", "wss://joe:hunter2@proxyhost9/x",
        "net use x: /user:jsmith hunter2", "-Password hunter2", "/p:hunter2", "Kennwort: hunter2", "pin=hunter2",
        "the password is hunter2", "sk-proj-hunter2hunter2", "vk7jg-nphtm-c97jm-9mpgt-3v66t",
        "HTTP/dc7.nowhere", "krbtgt/FABRIKAM",
        "S-1-5-21-1085031214-1563985344-725345543", "DA 39 A3 EE 5E 6B 4B 0D 32 55 BF EF 95 60 18 90 AF D8 07 09",
        "v10.44.7.91", "TenantId: c0ffee00-1111-2222-3333-444455556666",
        "DomainGuid {c0ffee00-1111-2222-3333-444455556666}",
        "powershell -enc " + "aHVudGVyMnBhc3MX" * 8, "sqlvm9.ad.nowhere.berlin", "a share of nowhere",
    ],
)  # fmt: skip
def test_secrets_of_every_shape_are_gone(said: str) -> None:
    """Also where nobody told the name beforehand, and where it stands once more without what gave it away."""
    told = json.dumps(sanitized([said], {NameKind.DOMAIN: ["ad.nowhere.berlin"]})).casefold()

    for gone in (
        *(
            "erika",
            "muster",
            "jsmith",
            "fabrikam",
            "fileserver9",
            "proxyhost9",
            "hunter2",
            "joe",
            "servers9",
            "nowhere",
        ),
        *("nphtm", "dc7", "1085031214", "a3 ee", "10.44", "c0ffee", "ahvud", "sqlvm9"),
    ):
        assert gone not in told


@pytest.mark.parametrize(
    "piece", ["a.", "a:", "A", "\\\\", "CN=", "/", "a@", "0:", "0.", "-p ", "aA1", "\\A", "://", " /u:"]
)
def test_hostile_text_is_looked_through_in_time(piece: str) -> None:
    """No pattern goes through a long text once for each of its letters more than once."""
    begun = time.process_time()
    sanitized([piece * (10_000 // len(piece))], NAMES)
    assert time.process_time() - begun < 2


def test_values_of_the_registry_are_judged_by_their_names() -> None:
    """There the name of a value stands beside what it holds."""
    values = {
        "TargetGroup": "Payroll Ring",
        "RegisteredOwner": "Anna Muster",
        "ProductId": "00454-60000",
        "Keep": "22H2",
    }
    raw = [{"name": name, "held": {"kind": "string", "text": text}} for name, text in values.items()]
    raw.append({"name": "LegalNoticeText", "held": {"kind": "string", "text": "Property of Contoso"}})

    told = json.dumps(sanitized([raw, "Anna Muster of the Payroll Ring"], {}))

    for gone in ("Payroll", "Muster", "00454", "Contoso"):
        assert gone not in told
    assert "22H2" in told
