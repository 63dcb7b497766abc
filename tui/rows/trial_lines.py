"""How a trial of a connection ended, in a few lines: who answered, or what is missing and which key helps."""

from typing import TYPE_CHECKING

from fleet.failures import FailureKind
from fleet.reaching import way_of
from fleet.winrm import WinrmScheme
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.certificates import FetchedCertificate
    from ops.trial import Trial

_Lines = list[tuple[Piece, ...]]


def waiting_lines(text: str) -> _Lines:
    """What stands there until the trial has ended."""
    return [(Piece(text, Tone.DIM),)]


def describe_trial(trial: "Trial", *, has_passwords: bool) -> _Lines:
    """The end of ``trial``; ``has_passwords``: whether they were tried too."""
    if (greeting := trial.greeting) is not None:
        who = f"as {greeting.user or 'nobody knows whom'} on {greeting.host or 'a machine without a name'}"
        said = Piece(f"logged in {who}, {greeting.elapsed_seconds:.1f} s")
        lines: _Lines = [(Piece("It answers:", Tone.GOOD), said), (Piece(greeting.system, Tone.DIM),)]
        return [*lines, (Piece(greeting.doubt, Tone.PENDING),)] if greeting.doubt else lines
    if trial.key is not None:
        return _key_lines(trial)
    if trial.certificate is not None:
        return _certificate_lines(trial.certificate)
    failure = trial.failure
    if failure is None:
        return []
    if trial.is_withheld:
        way = way_of(trial.machine)
        is_seen = way is not None and way.scheme is WinrmScheme.HTTPS
        seen = Piece("It answers, and its certificate is trusted.", Tone.GOOD) if is_seen else Piece("Not tried yet.")
        said = Piece("No password is sent while you type:")
        return [(seen,), (said, Piece("ctrl+t", Tone.KEY), Piece("logs in"))]
    lines = [(Piece(f"{failure.kind}:", Tone.BAD), Piece(failure.evidence)), (Piece(failure.remedy),)]
    if failure.kind is FailureKind.LOGIN_REFUSED and not has_passwords:
        lines.append(
            (Piece("No password is sent while you type:"), Piece("ctrl+t", Tone.KEY), Piece("tries those too"))
        )
    return lines


def _key_lines(trial: "Trial") -> _Lines:
    key = trial.key
    if key is None:
        return []
    shown = Piece(f"{key.algorithm} {key.fingerprint}", Tone.STRONG)
    accept = (Piece("ctrl+k", Tone.KEY), Piece("shows it, to compare and accept"))
    if trial.has_changed_key:
        warning = "THE HOST KEY HAS CHANGED: the machine was set up anew, or somebody is in between."
        known = trial.failure.came_back if trial.failure else ""
        return [(Piece(warning, Tone.BAD),), (Piece(known),), accept]
    return [(Piece("It answers, and its host key is not known:", Tone.PENDING),), (shown,), accept]


def _certificate_lines(fetched: "FetchedCertificate") -> _Lines:
    shown = fetched.certificate
    if shown is None:
        return []
    accept = (Piece("ctrl+k", Tone.KEY), Piece("shows it, to compare and accept"))
    if fetched.known:
        warning = "THE CERTIFICATE HAS CHANGED: it was renewed, or somebody is in between."
        return [(Piece(warning, Tone.BAD),), (Piece(shown.fingerprint, Tone.STRONG),), accept]
    head = (Piece("It answers, and its certificate is not trusted:", Tone.PENDING), Piece(shown.problem))
    return [head, (Piece(shown.fingerprint, Tone.STRONG),), accept]
