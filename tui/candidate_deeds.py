"""What the app does with machines that wait for a decision: show, approve, refuse. Each is a function of ops."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput, PatchdeckError
from fleet.hostile import clean
from ops.cli.values import as_text, count_of
from tui.background import in_thread
from tui.screens.name_form import NameForm
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from fleet.candidates import Candidate
    from ops.candidates import Approval, Decision
    from tui.app import PatchdeckApp
    from tui.rows.known_rows import KnownMachine


_RETIRED_FACTS = ("id", "address", "port", "user", "become", "tags", "profile", "source")
_CANDIDATE_FACTS = (
    *("state", "origin", "found_by", "came_from", "address", "port", "user", "fqdn", "addresses", "system"),
    *("os_type", "tags", "profile", "note", "machine_id", "found_at", "seen_at", "id"),
)


def fingerprints(candidate: "Candidate | None") -> tuple[str, ...]:
    """``ssh-ed25519 SHA256:…`` of each host key that the candidate showed; one that cannot be read says so."""
    return tuple(map(_described, candidate.host_keys)) if candidate is not None else ()


def show(deck: "PatchdeckApp", known: "KnownMachine") -> None:
    """Shows all of a machine that is not enrolled, a fact a line."""
    from tui.screens.record import RecordOverlay

    facts = _facts(known)
    deck.push_screen(RecordOverlay([(Piece(name, Tone.DIM), Piece(text)) for name, text in facts if text]))


def ask_to_approve(deck: "PatchdeckApp", candidates: "Sequence[Candidate]") -> None:
    """Asks whether to enrol ``candidates``: one with what it says of itself, several with their number."""
    if len(candidates) == 1:
        _ask_for_one(deck, candidates[0])
        return
    from ops.candidates import Approval

    doubtful = [each for each in candidates if each.doubts]
    plain = [each for each in candidates if not each.doubts]
    if not plain:
        deck.say("Something speaks against each of these: approve them one by one.")
        return
    keys = sum(each.introduced_its_keys for each in plain)
    effect = f"They are enrolled as they say. The host keys that {count_of(keys, 'machine')} introduced are trusted."
    warning = f"{count_of(len(doubtful), 'machine')} with doubts left out: approve one by one." if doubtful else ""
    form = NameForm(f"Enrol {len(plain):,} machines", str(len(plain)), effect, takes="enrols them", warning=warning)

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            _approve(deck, [Approval(each.id, seen=each) for each in plain], deck.complain)

    deck.push_screen(form, answered)


def ask_to_refuse(deck: "PatchdeckApp", candidates: "Sequence[Candidate]") -> None:
    """Asks whether to refuse ``candidates``; they stay known, so that nobody is asked again."""
    from ops.candidates import refuse_candidates
    from tui.screens.confirm import Confirm

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            work = lambda: refuse_candidates(deck.home, [each.id for each in candidates])  # noqa: E731  # used once
            in_thread(deck, work, lambda made: _tell(deck, made, "refused"), deck.complain, what="refusing machines")

    what = clean(candidates[0].name) if len(candidates) == 1 else count_of(len(candidates), "machine")
    effect = "Nothing connects to a refused machine. It stays known; p approves it later."
    deck.push_screen(Confirm(f"Refuse {what}?", effect, yes="refuse"), answered)


def _ask_for_one(
    deck: "PatchdeckApp", candidate: "Candidate", begun: "Approval | None" = None, reason: str = ""
) -> None:
    from tui.machine_words import MachineWords, read_words
    from tui.screens.approve_form import ApproveForm

    statuses = deck.fleet.statuses

    def show_form(words: MachineWords) -> None:
        def answered(approval: "Approval | None") -> None:
            if approval is not None:
                refused = lambda error: _ask_for_one(deck, candidate, approval, str(error))  # noqa: E731  # used once
                _approve(deck, [approval], refused)

        form = ApproveForm(candidate, fingerprints(candidate), words, begun, reason=reason)
        deck.push_screen(form, answered)

    in_thread(
        deck, lambda: read_words(deck.home, statuses), show_form, deck.complain, what="reading the profiles", opens=True
    )


def _approve(deck: "PatchdeckApp", approvals: "Sequence[Approval]", refused: Callable[[PatchdeckError], None]) -> None:
    from ops.candidates import approve_candidates

    def done(decisions: "Sequence[Decision]") -> None:
        problems = [each for each in decisions if each.problem]
        if len(decisions) == 1 and problems:
            refused(BadInput(problems[0].problem))
            return
        _tell(deck, decisions, "enrolled")
        deck.reload()

    in_thread(deck, lambda: approve_candidates(deck.home, approvals), done, refused, what="enrolling machines")


def _tell(deck: "PatchdeckApp", decisions: "Sequence[Decision]", done: str) -> None:
    problems = [each for each in decisions if each.problem]
    changed = [each for each in decisions if not each.problem]
    if changed:
        what = changed[0].name if len(changed) == 1 else count_of(len(changed), "machine")
        trusted = [text for each in changed for text in each.trusted]
        keys = f" Trusted from now on: {trusted[0]}." if len(trusted) == 1 else ""
        keys = f" {count_of(len(trusted), 'host key')} trusted from now on." if len(trusted) > 1 else keys
        deck.say(f"{what}: {done}.{keys}")
    for each in problems:
        deck.say(f"{each.name}: {each.problem}", is_error=True)
    deck.work.look()


def _described(line: str) -> str:
    from fleet.host_key_lines import check_host_key, describe_key

    try:
        return describe_key(check_host_key(line))
    except BadInput as error:
        return clean(str(error))


def _facts(known: "KnownMachine") -> Sequence[tuple[str, str]]:
    if (retired := known.retired) is not None:
        when = (("Retired", as_text(retired.retired_at)), ("By", retired.retired_by), ("Reason", retired.reason))
        return (("Name", known.name), *when, *_values(retired.machine, _RETIRED_FACTS))
    candidate = known.candidate
    if candidate is None:
        return ()
    doubts = [("Doubt", clean(text)) for text in candidate.doubts]
    keys = [("Host key", text) for text in fingerprints(candidate)]
    return (("Name", known.name), *doubts, *keys, *_values(candidate, _CANDIDATE_FACTS))


def _values(of: object, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        yield name.replace("_", " ").capitalize(), as_text(getattr(of, name))
