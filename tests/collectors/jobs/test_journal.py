"""The journal of a job, read."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.jobs.journal import JournalReader, read_journal
from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobNote

JOURNAL = b"""\
1000.50\tbegan\tboot-1\tsetsid\tapt\t3
1001.00\tbatch\t1\t1\t0\tacme-lib/all acme-tool/amd64\x20
1003.25\tcommand\t100\t1001.00\t120\t/usr/bin/apt-get -y install acme-lib=1.0
1003.50\tended\t1\tfailed\t100\t120
1003.60\tnote\twaiting for the lock held by unattended-upgr (12)
1004.50\tbatch\t2\t2\t120\tacme-lib/all\x20
1010.50\tleft\tcancelled\tacme-tool/amd64\x20
1011.50\tover\t1
"""


def test_everything_that_happened_is_read() -> None:
    """Transactions with their outcomes, what was left, commands and notes, in seconds since the beginning."""
    journal = read_journal(JOURNAL)

    assert (journal.began_in_boot, journal.detached_by, journal.manager, journal.total) == (
        "boot-1",
        "setsid",
        "apt",
        3,
    )
    lib, tool = ("acme-lib", "all"), ("acme-tool", "amd64")
    assert journal.batches == [
        BatchRecord(1, 1, (lib, tool), 0.5, 3.0, BatchOutcome.FAILED, 100, 0, 120),
        BatchRecord(2, 2, (lib,), 4.0, None, None, log_from=120),
        BatchRecord(3, 0, (tool,), 10.0, 10.0, BatchOutcome.CANCELLED),
    ]
    assert [(c.line, c.seconds, c.exit_status) for c in journal.commands] == [
        ("/usr/bin/apt-get -y install acme-lib=1.0", 2.25, 100)
    ]
    assert [note.text for note in journal.notes] == ["waiting for the lock held by unattended-upgr (12)"]
    assert journal.last_seconds == 11.0


def test_line_that_is_not_finished_waits() -> None:
    """A journal that is read while it is written ends with its last whole line."""
    whole = read_journal(JOURNAL)
    cut = read_journal(JOURNAL[:-3])

    assert cut.batches == whole.batches
    assert cut.last_seconds == 10.0


def test_line_that_fits_nothing_is_told() -> None:
    """What a full disk or a stranger made of a line is a note, and the rest is read."""
    journal = read_journal(
        b"1.0\tbegan\tb\tsetsid\tapt\t1\n2.0\tba\n\x1b[31mred\n3.0\tended\t7\tfailed\t1\t2\n4.0\tover\t0\n"
    )

    assert len(journal.notes) == 3
    assert isinstance(journal.notes[0], JobNote)
    assert all(note.text.startswith("unreadable line") and note.text.isprintable() for note in journal.notes)
    assert journal.last_seconds == 3.0


@given(st.lists(st.integers(1, 60), min_size=1))
def test_journal_reads_the_same_in_pieces(cuts: list[int]) -> None:
    """However a journal is cut on the way, it says the same."""
    reader, rest, turn = JournalReader(), JOURNAL, 0
    while rest:
        size = cuts[turn % len(cuts)]
        reader.add(rest[:size])
        rest, turn = rest[size:], turn + 1

    assert reader.journal == read_journal(JOURNAL)


@given(st.binary(max_size=400))
def test_any_bytes_are_read(text: bytes) -> None:
    """Nothing that a machine may have written raises."""
    read_journal(text)
    read_journal(JOURNAL + text)
