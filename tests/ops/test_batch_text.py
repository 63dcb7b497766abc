"""A batch in the journal is read back as it was, and says once what its machines have in common."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import Failure, FailureKind
from fleet.updates import Classification, Update
from ops.state.documents import Codec
from ops.store.batch import Batch
from ops.store.batch_text import read_batch, write_batch

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
UPDATES = (Update("lib\nssl", "amd64", "1", "2", Classification.SECURITY, "origin Debian", "Debian"),)
INSTALLED = {("lib\nssl", "amd64"): "1", ("bash", "amd64"): "5\u2028"}
ANSWERED = Assessment("id-1", "web-01", NOW, NOW, Coverage.COMPLETE, updates=UPDATES, installed=INSTALLED)
FAILED = Assessment(
    "id-3", "web-03", NOW, NOW, Coverage.UNKNOWN, failure=Failure(FailureKind.NO_BANNER, "SSH", "none.", "Look.")
)
BATCH = Batch("20261122T210000Z-aaaaaa", (ANSWERED, replace(ANSWERED, machine_id="id-2"), FAILED))


def test_a_batch_is_read_back_as_it_was() -> None:
    """Whatever is in texts, lines stay lines; machines that were alike still share what they have."""
    read = read_batch(line.encode("ascii") for line in write_batch(BATCH))
    assert read == BATCH
    assert read.assessments[0].updates is read.assessments[1].updates


def test_what_machines_have_in_common_is_written_once() -> None:
    """A second machine of the same image adds its own facts only."""
    lines = list(write_batch(BATCH))
    assert sum("libssl" in line or "ssl" in line for line in lines) == 1
    assert len(lines) == 1 + 2 + 3


def test_a_file_of_an_earlier_version_is_read() -> None:
    """What lay in the journal when Patchdeck was updated is stored all the same."""
    assert read_batch([Codec(Batch).dump(BATCH).encode("ascii")]) == BATCH


@pytest.mark.parametrize("text", [b"", b"[]", b'{"format":3,"id":"x"}', b'{"format":2,"id":"x"}\n[7,{}]\n'])
def test_another_file_is_refused(text: bytes) -> None:
    """What is no batch raises an error that the journal sets it aside for."""
    with pytest.raises((ValueError, TypeError, LookupError)):
        read_batch(text.splitlines(keepends=True))
