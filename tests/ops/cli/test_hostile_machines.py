"""Machines that lie through the whole of Patchdeck: what they say comes out harmless, in every verb and format."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CAPTURES = ROOT / "tests" / "collectors" / "captures"
PAYLOADS = (
    "=cmd|'/C_calc'!A0",
    "\x1b]0;owned\x07\x1b[2J",
    "[@click=app.quit]x[/]",
    "\u202egnp.exe\u2066",
    "../../../etc/passwd\x00",
    "';DROP_TABLE_Update;--\"$(reboot)",
)
# The values that a machine says of itself.
_SAID = re.compile(r"^(host_name|fqdn|kernel|machine|PRETTY_NAME|NAME)=.*$", re.MULTILINE)
# A package that has an update, in each family's own list of updates.
_PACKAGES = {
    "apt-states.txt": "acme-held",
    "debian-12.txt": "libssl3",
    "dnf/rocky-9-states.txt": "acme-openssl",
    "dnf/rocky-9-commands.txt": "acme-openssl",
    "yum/rhel-7.txt": "bash",
    "zypper/leap-15-root.txt": "acme-vendor",
    "pacman-6.txt": "acme-lib",
    "apk-2.txt": "busybox",
    "ostree/whole-answer.txt": "fedora",
    "bootc/whole-answer.txt": "centos",
}
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]")
_FORMULA = re.compile(r"[=+\-@\t\r\n]")

Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives
Transcript = Callable[..., Path]


def hostile_answers() -> Iterator[tuple[str, list[str]]]:
    """Name and lines of each captured answer with three payloads in the place of names."""
    for index, (file, package) in enumerate(_PACKAGES.items()):
        for number, payload in tuple(enumerate(PAYLOADS))[index % 2 :: 2]:
            text = (CAPTURES / file).read_text(encoding="utf-8")
            text = _SAID.sub(lambda match: f"{match[1]}={payload}", text)  # noqa: B023 - used at once
            name = f"{Path(file).parts[0].removesuffix('.txt')}-{Path(file).stem}-{number}"
            yield name, text.replace(package, payload).split("\n")


@pytest.fixture
def hostile_fleet(patchdeck: Patchdeck, transcript: Transcript) -> list[str]:
    """The names of the enrolled machines, which were assessed once."""
    names = []
    for name, lines in hostile_answers():
        patchdeck("machines", "add", name, "--transcript", str(transcript(name, exit_status=0, stdout=lines)))
        names.append(name)
    return names


def test_nothing_that_a_machine_says_steers_or_runs(
    patchdeck: Patchdeck, hostile_fleet: list[str], home: Path, tmp_path: Path
) -> None:
    """Tables, JSON, CSV and the kept files of a fleet that lies in every name it gives."""
    outcomes = [row["outcome"] for row in json.loads(patchdeck("assess", "--json", code=3).out)]
    assert outcomes.count("succeeded") > len(hostile_fleet) / 2, "else little of it came through to be shown"

    for shown in (*_ask_everything(patchdeck, hostile_fleet), *_export_everything(patchdeck, tmp_path)):
        assert not _STEERING.search(shown)
    kept = sorted(path.relative_to(home / "runs") for path in (home / "runs").rglob("*") if path.is_file())
    assert {path.stem for path in kept} <= set(hostile_fleet)
    assert all(len(path.parts) == 2 for path in kept)


def _ask_everything(patchdeck: Patchdeck, machines: list[str]) -> Iterator[str]:
    verbs = [("machines", "list"), ("updates",), ("query", "SELECT * FROM Machine"), ("query", "SELECT * FROM Update")]
    verbs += [("machines", "show", name) for name in machines[::4]]
    for verb in verbs:
        for ended in (patchdeck(*verb), patchdeck(*verb, "--json")):
            yield from (ended.out, ended.err)
    for ended in (patchdeck("check", "debian-*", code=3), patchdeck("check", "dnf-*", "--json", code=3)):
        yield from (ended.out, ended.err)


def _export_everything(patchdeck: Patchdeck, folder: Path) -> Iterator[str]:
    for kind in ("csv", "ndjson", "parquet"):
        (folder / kind).mkdir()
        patchdeck("export", "--all", str(folder / kind), "--format", kind)
    for file in sorted((folder / "csv").iterdir()):
        text = file.read_text(encoding="utf-8")
        yield text
        for row in csv.reader(io.StringIO(text, newline="")):
            assert not [cell for cell in row if _FORMULA.match(cell) and not _is_number(cell)]
    yield from (file.read_text(encoding="utf-8") for file in sorted((folder / "ndjson").iterdir()))


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-[0-9.]+", cell) is not None
