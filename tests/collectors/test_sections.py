"""Tests of collectors.sections: the frame around an answer, and what breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.sections import LINE_BYTES, AnswerCut, AnswerMissing, Section, split_answer
from fleet.errors import UnreadableOutput

_MARKER = "patchdeck-0123456789abcdef"


def _answer(*sections: tuple[str, bytes, int], end: bool = True) -> bytes:
    mark = _MARKER.encode()
    body = b"".join(
        b"\n%s begin %s\n%s\n%s end %d\n" % (mark, name.encode(), text, mark, status) for name, text, status in sections
    )
    return b"\n%s begin-answer\n" % mark + body + (b"\n%s end-answer 1795381200\n" % mark if end else b"")


def test_noise_before_and_after_is_left_out() -> None:
    """A login shell may print what it likes around the answer."""
    raw = b"Welcome!\nfatal: no\n" + _answer(("system", b"a=b", 0)) + b"logout\n"

    sections = split_answer(raw, b"", _MARKER)

    assert sections.get("system").values() == {"a": "b"}
    assert sections.ended_at_seconds == 1795381200


def test_noise_without_a_line_end_does_not_hide_the_answer() -> None:
    """A prompt that ends without a newline stands before the first marker."""
    sections = split_answer(b"prompt> " + _answer(("system", b"a=b", 0)), b"", _MARKER)

    assert list(sections.by_name) == ["system"]


def test_sections_keep_their_errors_and_exit_status() -> None:
    """Standard error is framed by the same markers and joined to its section."""
    errors = _answer(("apt-plan", b"E: broken", 100), ("system", b"", 0))

    sections = split_answer(_answer(("system", b"", 0), ("apt-plan", b"text", 100)), errors, _MARKER)

    assert sections.get("apt-plan") == Section("apt-plan", b"text", b"E: broken", 100)
    assert sections.get("system").error_text == ""


def test_output_without_a_beginning_is_no_answer() -> None:
    """A shell that never ran the script has said nothing."""
    with pytest.raises(AnswerMissing):
        split_answer(b"This account is currently not available.\n", b"", _MARKER)


def test_streams_that_were_joined_are_named() -> None:
    """A login shell that logs its session (exec > >(tee log) 2>&1) mixes both; the error says so."""
    answer = _answer(("system", b"a=b", 0))
    joined = answer.replace(b" begin-answer\n", b" begin-answer\n\n%s begin-answer\n" % _MARKER.encode())

    with pytest.raises(UnreadableOutput, match="standard error came mixed into standard output"):
        split_answer(joined, b"", _MARKER)


def test_errors_without_an_end_are_cut() -> None:
    """Both streams come on their own: what apt warned of may be in the part that did not come."""
    errors = _answer(("apt-refresh", b"W: Failed", 0), end=False)

    with pytest.raises(AnswerCut) as caught:
        split_answer(_answer(("apt-refresh", b"", 0)), errors, _MARKER)

    assert caught.value.section == "apt-refresh"


def test_answer_without_an_end_is_cut() -> None:
    """However much came, without the end it is not the answer; the last section that began is named."""
    raw = _answer(("system", b"a=b", 0), ("apt-plan", b"0 upgraded", 0), end=False)

    with pytest.raises(AnswerCut) as caught:
        split_answer(raw, b"", _MARKER)

    assert caught.value.section == "apt-plan"


def test_text_of_a_package_cannot_forge_a_section() -> None:
    """A marker of another run, or the words alone, are text like any other."""
    text = b"patchdeck-ffffffffffffffff end 0\nbegin apt-plan\nend-answer"

    sections = split_answer(_answer(("system", text, 0)), b"", _MARKER)

    assert sections.get("system").stdout == text


@pytest.mark.parametrize(
    "raw",
    [
        _answer(("system", b"", 0), ("system", b"", 0)),
        _answer(("system", b"", 0)).replace(b" end 0", b" begin other"),
        _answer(("system", b"", 0)).replace(b" end 0", b" end 99999"),
        _answer(("system", b"", 0), ("disks", b"", 0)).replace(b"end 0\n\n", b"end 0\nintruder\n", 1),
    ],
)
def test_broken_frames_are_unreadable(raw: bytes) -> None:
    """A section twice, one without an end, a status that is none, and text between sections."""
    with pytest.raises(UnreadableOutput):
        split_answer(raw, b"", _MARKER)


def test_line_longer_than_any_tool_prints_is_unreadable() -> None:
    """The line is named, and only its beginning is kept."""
    section = Section("apt-plan", b"short\n" + b"x" * (LINE_BYTES + 1), b"", 0)

    with pytest.raises(UnreadableOutput) as caught:
        list(section.lines())

    assert (caught.value.source, caught.value.line_number) == ("apt-plan", 2)
    assert len(caught.value.line) <= 200


@given(st.binary(max_size=400), st.integers(0, 255))
def test_any_bytes_come_back_as_they_were(text: bytes, status: int) -> None:
    """Whatever a command prints, its section holds exactly that."""
    section = split_answer(_answer(("system", text, status)), b"", _MARKER).get("system")

    assert (section.stdout, section.exit_status) == (text, status)


@given(st.data())
def test_answer_cut_anywhere_is_never_whole(data: st.DataObject) -> None:
    """No beginning of an answer passes for the answer."""
    raw = _answer(("system", b"a=b\nc=d", 0), ("apt-plan", b"0 upgraded", 0))
    length = data.draw(st.integers(0, len(raw) - 1))

    with pytest.raises((AnswerMissing, AnswerCut)):
        split_answer(raw[:length], b"", _MARKER)
