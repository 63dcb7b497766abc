"""Whatever writes state.db writes the audit too, or is said here to be nobody's deed; the app writes nothing itself."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WRITES = re.compile(r"\b(?:INSERT (?:OR \w+ )?INTO|REPLACE INTO|DELETE FROM|UPDATE \w+ SET)\b")
_AUDITS = re.compile(r"\baudit\.record\(|\bAudit\(")

# What these write is no deed of a person, or is audited where it was decided.
NOBODYS_DEEDS = {
    "ops/feeds/index.py": "what a feed says; reading it is audited in ops.feeds.book",
    "ops/state/audit.py": "the audit itself",
    "ops/state/deliveries.py": "what became of messages; asking for one again is audited",
    "ops/state/lease.py": "who works for the home; taking and letting go are audited in ops.service",
    "ops/state/notices.py": "of which starts people were told",
    "ops/state/outbox.py": "messages of what is audited itself",
    "ops/state/scheduled.py": "what the service did last",
    "ops/state/statuses.py": "what machines answered",
    "ops/state/versions.py": "what the fleet was offered",
    "ops/state/work_book.py": "which run works on a machine",
    "ops/store/state_rows.py": "what of the audit is published",
}


def writers() -> dict[str, str]:
    """The modules that write a SQLite database, with their text; its layout apart."""
    sources = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / "ops").rglob("*.py")}
    layouts = {name for name in sources if name.endswith(("migrations.py", "_layout.py"))}
    return {name: text for name, text in sources.items() if name not in layouts and _WRITES.search(text)}


def test_whatever_writes_the_state_writes_the_audit() -> None:
    """A new book audits its changes, or says why nobody has to answer for them."""
    silent = {name for name, text in writers().items() if not _AUDITS.search(text)}
    assert sorted(silent - NOBODYS_DEEDS.keys()) == []


def test_no_excuse_outlives_its_need() -> None:
    """What is excused still writes."""
    assert sorted(NOBODYS_DEEDS.keys() - writers().keys()) == []


def test_the_app_writes_no_state_itself() -> None:
    """It calls what the verbs call, and so is audited as they are."""
    own = [path.name for path in (ROOT / "tui").rglob("*.py") if _WRITES.search(path.read_text("utf-8"))]
    assert own == []
