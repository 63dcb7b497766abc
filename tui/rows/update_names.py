"""What an update is called on the screen: a package and its version; on Windows its article, then its title.

Titles of Windows updates are long and differ in the middle, so that the article stands first, where no column cuts it.
"""

import re

from fleet.hostile import clean_name
from fleet.updates import RebootBehavior, Update, WindowsUpdate
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece

_ARTICLE = re.compile(r"KB[0-9A-Za-z]{1,20}")
_UNSPECIFIED = "unspecified"
_REBOOTS = {
    RebootBehavior.NEVER: "never",
    RebootBehavior.ALWAYS: "always",
    RebootBehavior.CAN_REQUEST: "maybe",
}
_REBOOT_WORDS = {
    RebootBehavior.NEVER: "never restarts",
    RebootBehavior.ALWAYS: "always restarts",
    RebootBehavior.CAN_REQUEST: "may ask for a restart",
}


def shown_name(name: str, version: str) -> str:
    """The name as a cell has it: ``openssl``; ``KB5044284 2026-10 Cumulative Update for …``."""
    if not _ARTICLE.fullmatch(version):
        return clean_name(name)
    return clean_name(f"{version} {name.replace(f' ({version})', '')}")


def shown_version(version: str) -> str:
    """The version as a cell beside the name has it: empty for an article, which the name begins with."""
    return "" if _ARTICLE.fullmatch(version) else clean_name(version)


def articles_text(update: Update) -> str:
    """All articles of a Windows update, ``KB5044284 KB5044285``; empty for any other."""
    return clean_name(" ".join(f"KB{number}" for number in update.windows.kb)) if update.windows else ""


def severity_text(update: Update) -> str:
    """The vendor's own word for how bad it is, MSRC's on Windows; empty where there is none.

    MSRC gives none to most updates that are not for security: that is ``unspecified``, never low.
    """
    return clean_name(update.windows.severity or _UNSPECIFIED if update.windows else update.severity)


def reboot_text(update: Update) -> str:
    """``always``, ``maybe`` or ``never``; empty where it is not known beforehand."""
    behavior = update.windows.reboot_behavior if update.windows else None
    return _REBOOTS[behavior] if behavior else ""


def source_text(update: Update) -> str:
    """Where the update comes from: a repository, or who approves it."""
    return clean_name(update.repository or (update.windows.approval_source if update.windows else ""))


def copied_name(update: Update) -> str:
    """What one types elsewhere to name the update: its articles, else the package."""
    return articles_text(update) or update.name


def windows_head(update: Update) -> tuple[Piece, ...]:
    """The whole title of a Windows update, and the articles that it does not name itself."""
    others = " ".join(each for each in articles_text(update).split() if each not in update.name)
    return (Piece(update.name, Tone.STRONG), Piece(others or ("" if articles_text(update) else update.offered_version)))


def windows_pieces(update: Update) -> tuple[Piece, ...]:
    """What Windows Update alone says of the update, in one paragraph; nothing for any other update."""
    known = update.windows
    if known is None:
        return ()
    pieces = [*labelled("· MSRC", known.severity or _UNSPECIFIED, _severity_tone(known.severity))]
    pieces.append(Piece("·", Tone.DIM))
    behavior = _REBOOT_WORDS[known.reboot_behavior] if known.reboot_behavior else "does not say whether it restarts"
    pieces.append(Piece(behavior, Tone.REBOOT if known.reboot_behavior is RebootBehavior.ALWAYS else Tone.NORMAL))
    if source := known.approval_source:
        pieces += labelled("· by", source)
    if marks := _marks(known):
        pieces += labelled("·", ", ".join(marks), Tone.PENDING)
    if update.published_at:
        pieces += labelled("· published", f"{update.published_at:%Y-%m-%d}")
    for label, text in (("· for", known.product), ("·", " ".join(known.bulletins)), ("· id", known.update_id)):
        pieces += labelled(label, text) if text else ()
    return tuple(pieces)


def _marks(known: WindowsUpdate) -> list[str]:
    marks = {
        "optional": known.is_optional,
        "hidden": known.is_hidden,
        "installed alone": known.is_exclusive,
        "not approved": known.is_approved is False,
        "licence not accepted": not known.is_licence_accepted,
        "downloaded": known.is_downloaded,
    }
    return [mark for mark, holds in marks.items() if holds]


def _severity_tone(severity: str) -> Tone:
    return {"critical": Tone.BAD, "important": Tone.PENDING}.get(severity.casefold(), Tone.NORMAL)
