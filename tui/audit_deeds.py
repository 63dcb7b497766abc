"""What the app does with the audit: verifies it, and copies its newest hash."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.background import in_thread
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from fleet.audit_head import Head
    from ops.audit.verifying import Verdict
    from tui.app import PatchdeckApp


def verify(deck: "PatchdeckApp", done: Callable[[Piece], None]) -> None:
    """Verifies the audit; what is off is shown in full, and ``done`` gets it in a few words."""
    from ops.audit.verifying import verify_audit

    def told(verdict: "Verdict") -> None:
        if verdict.is_whole:
            done(Piece(f"verified: whole to entry {verdict.head.number or 0:,}", Tone.GOOD))
            deck.say(f"The audit is whole: {_entries(verdict)} in an unbroken chain.")
            for note in verdict.notes:
                deck.say(note)
            return
        first = verdict.breaches[0]
        done(Piece(f"NOT whole: {first.kind.value}", Tone.BAD))
        _show(deck, verdict)

    deck.say("Verifying the audit …")
    in_thread(deck, lambda: verify_audit(deck.home), told, deck.complain, what="verifying the audit")


def copy_head(deck: "PatchdeckApp") -> None:
    """Copies number and hash of the newest entry: kept elsewhere, they prove later what was there now."""
    from ops.audit.book import audit_head

    def copied(head: "Head") -> None:
        deck.copy(head.line, f"the head of the audit, entry {head.number or 0:,}")

    in_thread(deck, lambda: audit_head(deck.home), copied, deck.complain, what="reading the head of the audit")


def _show(deck: "PatchdeckApp", verdict: "Verdict") -> None:
    from tui.screens.full_text import FullText

    lines = [f"The audit is not as it was written: {_entries(verdict)}.", ""]
    lines += [f"- {each.kind.value}: {clean(each.text)}" for each in verdict.breaches]
    if verdict.broken > len(verdict.breaches):
        lines.append(f"{verdict.broken:,} places in all do not follow the entry before.")
    lines += ["", *map(clean, verdict.notes), "", "On the command line: patchdeck audit verify"]
    deck.push_screen(FullText("The audit is not whole", "\n".join(lines)))


def _entries(verdict: "Verdict") -> str:
    return "1 entry" if verdict.entries == 1 else f"{verdict.entries:,} entries"
