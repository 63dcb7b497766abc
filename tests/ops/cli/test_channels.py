"""`patchdeck channels` and `messages`: defining, trying, listing; secrets go in and never come out."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck
from tests.ops.memory_keyring import MemoryKeyring

TOKEN = "T0ken-That-Nobody-Sees"
URL = f"https://hooks.example.com/services/{TOKEN}"


def everything_in(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.read_bytes()


@pytest.fixture
def pager(patchdeck: Patchdeck, tmp_path: Path) -> Path:
    """A channel that writes what it gets into a file."""
    script = tmp_path / "page"
    script.write_text(f"#!/bin/sh\ncat >> {tmp_path}/paged\necho paged\n")
    script.chmod(0o755)
    patchdeck("channels", "add", "pager", "command", "--command", str(script))
    return tmp_path / "paged"


def test_a_channel_is_defined_tried_and_removed(patchdeck: Patchdeck, pager: Path) -> None:
    """The same definition again changes nothing, another one is refused."""
    done = patchdeck("channels", "test", "PAGER", "--json")
    assert "Channel pager took the test message: exited 0: paged" in done.err
    (row,) = json.loads(done.out)
    assert (row["status"], row["kind"], row["channel"]) == ("delivered", "test", "pager")
    assert json.loads(pager.read_text())["id"] == row["message_id"]
    script = json.loads(patchdeck("channels", "list", "--json").out)[0]["command"][0]
    again = patchdeck("channels", "add", "pager", "command", "--command", script)
    assert "defined like that already" in again.err
    other = patchdeck("channels", "add", "pager", "command", "--command", "/bin/true", code=2)
    assert "channels edit pager" in other.err
    patchdeck("channels", "edit", "pager", "--description", "at night", "--deadline", "5")
    shown = patchdeck("channels", "show", "pager").out
    assert "at night" in shown
    assert "5 s for each attempt" in shown
    patchdeck("channels", "remove", "pager")
    assert "There is no channel yet" in patchdeck("channels", "list").err
    assert "There is no channel 'pager'" in patchdeck("channels", "show", "pager", code=2).err


def test_a_url_is_kept_and_never_told(
    patchdeck: Patchdeck, ring: MemoryKeyring, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a verb, not in state.db, the log or the audit; it goes with the channel."""
    said = [patchdeck("channels", "add", "hook", "webhook", "--in", "keyring", given=f"{URL}\n")]
    assert list(ring.kept.values()) == [URL]
    said.append(patchdeck("channels", "add", "hook", "webhook", "--in", "keyring", given=f"{URL}\n"))
    assert "like that already" in said[-1].err
    said.append(patchdeck("channels", "add", "hook", "webhook", "--in", "keyring", given=f"{URL}x\n", code=2))
    said.append(patchdeck("channels", "edit", "hook", "--new-secret", given=f"{URL}2\n"))
    assert list(ring.kept.values()) == [f"{URL}2"]
    said.append(patchdeck("channels", "edit", "hook", "--new-secret", given=f"ftp://x/{TOKEN}\n", code=2))
    said += [patchdeck("channels", *words) for words in (("list", "--json"), ("show", "hook"), ("list",))]
    said.append(patchdeck("audit", "--json"))
    actions = [entry["action"] for entry in json.loads(said[-1].out)]
    assert actions == ["channel.set-secret", "channel.add"]
    assert "https://hooks.example.com/•••" in said[-3].out
    assert not any(TOKEN in done.out + done.err for done in said)
    assert not any(TOKEN.encode() in content for content in everything_in(home))
    said.append(patchdeck("channels", "remove", "hook", "--yes"))
    assert ring.kept == {}


def test_a_secret_needs_a_place(patchdeck: Patchdeck, no_ring: None) -> None:
    """What can be done is told before anybody types."""
    done = patchdeck("channels", "add", "hook", "webhook", given=f"{URL}\n", code=1)
    assert "patchdeck secrets init" in done.err
    assert "--secret-command" in done.err


def test_a_new_key_is_for_the_receiver_alone(patchdeck: Patchdeck, ring: MemoryKeyring, tmp_path: Path) -> None:
    """In a new file that nobody else can read; what is there is not overwritten."""
    key = tmp_path / "hook.key"
    patchdeck("channels", "add", "hook", "webhook", "--url", "http://127.0.0.1:9/", "--new-signing-key", str(key))
    assert key.stat().st_mode & 0o777 == 0o600
    assert list(ring.kept.values()) == [key.read_text().strip()]
    done = patchdeck("channels", "edit", "hook", "--new-signing-key", str(key), code=2)
    assert "is there already" in done.err
    patchdeck("channels", "edit", "hook", "--clear", "signing-key")
    assert ring.kept == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("command", "--command", "/bin/true", "--title", "a $titel"), "column 3: There is no word 'titel'"),
        (
            ("command", "--command", "/bin/true", "--to", "a@example.com"),
            "--to is not for channels of the kind command",
        ),
        (("command", "--command", "'"), "cannot be split into words"),
        (("command",), "a command belongs to the kind command"),
        (("smtp",), "Say where mail is handed in"),
        (("smtp", "--server", "mail:x", "--from", "a@b.c", "--to", "a@b.c"), "is no number"),
        (("smtp", "--server", "mail", "--from", "a@b.c", "--to", "a@b.c\r\nBcc: x@y.z"), "is no mail address"),
        (("webhook", "--url", "http://u:pw@example.com/"), "holds a user or a password"),
        (("webhook", "--url", "https://x/", "--secret-file", "x"), "contradict each other"),
        (("webhook", "--url", "https://x/", "--fallback", "nobody"), "There is no channel 'nobody'"),
        (("apprise", "--url", "ntffy://example.com/x"), "Nothing takes URLs that begin with ntffy"),
        (("webhook", "--url", "https://x/", "--ca-file", "/nonexistent"), "There is no file"),
        (("webhook", "--url", "https://x/", "--in", "prompt", "--new-signing-key", "k"), "takes keyring or file"),
    ],
    ids=range(13),
)
def test_what_cannot_work_is_told_in_one_line(patchdeck: Patchdeck, arguments: tuple[str, ...], said: str) -> None:
    """And nothing is kept."""
    done = patchdeck("channels", "add", "x", *arguments, code=2)
    assert said in done.err
    assert "Traceback" not in done.err
    assert json.loads(patchdeck("channels", "list", "--json").out) == []


def test_mail_is_defined_by_its_parts(patchdeck: Patchdeck) -> None:
    """With the usual port of its encryption; an address of IPv6 stands in brackets."""
    patchdeck("channels", "add", "m", "smtp", "--server", "mail.example.com", "--from", "a@b.c", "--to", "d@e.f")
    patchdeck("channels", "edit", "m", "--server", "[::1]:2525", "--security", "none", "--to", "g@h.i", "--to", "j@k.l")
    (row,) = json.loads(patchdeck("channels", "list", "--json").out)
    assert row["address"] == "::1:2525 for g@h.i, j@k.l"
    assert row["mail"] == {
        "host": "::1",
        "port": 2525,
        "security": "none",
        "sender": "a@b.c",
        "recipients": ["g@h.i", "j@k.l"],
        "user": None,
    }


def test_a_channel_that_is_named_stays(patchdeck: Patchdeck, pager: Path) -> None:
    """Deployments name only what there is, and keep it; who names it is told."""
    define = ("deployments", "add", "web", "--target", "all", "--class", "security")
    assert "Did you mean 'pager'" in patchdeck(*define, "--channel", "pagr", code=2).err
    assert "Notice is given to channels" in patchdeck(*define, "--notice", "24", code=2).err
    patchdeck(*define, "--channel", "pager", "--notice", "24")
    patchdeck("channels", "add", "other", "command", "--command", "/bin/true", "--fallback", "pager")
    done = patchdeck("channels", "remove", "pager", code=2)
    assert "named by deployment web, channel other" in done.err
    page = patchdeck("deployments", "show", "web").out
    assert "24 h before a start" in page
    patchdeck("deployments", "edit", "web", "--clear", "notice", "--clear", "channel")
    patchdeck("channels", "edit", "other", "--clear", "fallback")
    patchdeck("channels", "remove", "pager")


def test_what_became_of_messages_is_listed_and_asked_for_again(patchdeck: Patchdeck, pager: Path) -> None:
    """By the beginning of an id; where no service runs, that is said."""
    patchdeck("channels", "test", "pager")
    patchdeck("channels", "disable", "pager")
    assert "is off" in patchdeck("channels", "test", "pager", code=2).err
    patchdeck("channels", "enable", "pager")
    (row,) = json.loads(patchdeck("messages", "list", "--json").out)
    shown = patchdeck("messages", "show", row["message_id"][:8]).out
    assert "exited 0: paged" in shown
    assert f"SHA-256 {row['sent_sha256']}" in shown
    assert json.loads(patchdeck("messages", "list", "--status", "failed", "--json").out) == []
    assert "There is nothing to send again" in patchdeck("messages", "retry", "--failed").err
    done = patchdeck("messages", "retry", row["message_id"])
    assert "1 delivery is asked for again" in done.err
    assert "none runs: patchdeck service start" in done.err
    assert json.loads(patchdeck("messages", "list", "--status", "waiting", "--json").out)[0]["tries"] == 0
    assert "Channel pager: waiting, due from 20" in patchdeck("messages", "show", row["message_id"]).out
    assert "There is no message" in patchdeck("messages", "show", "nonsense", code=2).err
    patchdeck("messages", "retry", code=2)
    assert "Not sent: 1 message that waits for it." in patchdeck("channels", "remove", "pager").err


def test_hostile_answers_and_names_steer_no_terminal(patchdeck: Patchdeck, home: Path) -> None:
    """What a program prints is cleaned; a document that somebody forged is told in one line."""
    patchdeck("channels", "add", "x", "command", "--command", "printf '\\033[31mred\\nline'")
    done = patchdeck("channels", "test", "x")
    assert "exited 0: �[31mred line" in done.err
    with sqlite3.connect(home / "state.db") as connection:
        connection.execute("UPDATE channels SET document = '{}'")
    assert "cannot be read" in patchdeck("channels", "list", code=4).err
