"""Frames read as they come: whatever they hold, and however they are cut on the way."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.jobs.frames import Frame, FrameReader

MARKER = "patchdeck-0123456789abcdef"


def _framed(frames: list[Frame]) -> bytes:
    return b"".join(b"%b %b %d\n%b\n" % (MARKER.encode(), f.kind.encode(), len(f.content), f.content) for f in frames)


_contents = st.one_of(st.binary(max_size=200), st.just(f"\n{MARKER} log 5\nhello\n".encode()))
_frames = st.lists(st.builds(Frame, st.sampled_from(["log", "journal", "state"]), _contents), max_size=6)


@given(_frames, st.lists(st.integers(1, 50), min_size=1), st.binary(max_size=30).filter(lambda b: b"patch" not in b))
def test_frames_come_whole_however_they_are_cut(frames: list[Frame], cuts: list[int], noise: bytes) -> None:
    """Contents come verbatim, those that look like frames too; noise of a shell before the first one is left out."""
    answer = noise + _framed([*frames, Frame("end", b"")])
    reader = FrameReader(MARKER)
    read: list[Frame] = []
    position = turn = 0
    while position < len(answer):
        size = cuts[turn % len(cuts)]
        read += reader.feed(answer[position : position + size])
        position, turn = position + size, turn + 1

    assert (read, reader.has_ended, reader.trouble) == (frames, True, "")


@given(_frames, st.integers(0, 300))
def test_answer_that_is_cut_has_no_end(frames: list[Frame], length: int) -> None:
    """Up to the last byte of the last frame it is never taken for a whole answer, and gives a beginning of it."""
    answer = _framed([*frames, Frame("end", b"")])
    reader = FrameReader(MARKER)

    read = reader.feed(answer[: min(length, len(answer) - 1)])

    assert not reader.has_ended
    assert read == frames[: len(read)]


def test_what_is_no_frame_is_trouble() -> None:
    """A frame that is longer than it says, and a size that nobody sends, end the reading."""
    for answer in (b"%b log 2\nabc\n", b"%b log 99999999\n", b"%b log 1\na\nnoise in between\n"):
        reader = FrameReader(MARKER)
        reader.feed(answer % MARKER.encode())
        assert reader.trouble
        assert reader.feed(_framed([Frame("log", b"late")])) == []


def test_flood_without_a_frame_is_trouble() -> None:
    """A machine that prints and prints is given up."""
    reader = FrameReader(MARKER)
    for _ in range(10):
        reader.feed(b"x" * 100_000)

    assert reader.trouble
