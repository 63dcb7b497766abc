"""What the app does with credential profiles: each is the function of ops that the verb calls, in a thread."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.name_lists import some_of
from fleet.profiles import SecretKind
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.rows.profile_rows import keeps_secret
from tui.screens.name_form import NameForm
from tui.screens.profile_form import ProfileForm
from tui.unlocking import with_secrets

if TYPE_CHECKING:
    from collectors.secrets import Secret
    from fleet.machines import Machine
    from fleet.profiles import Profile
    from ops.credentials.rotating import Change
    from tui.app import PatchdeckApp
    from tui.rows.profile_rows import ProfileNow


def add(deck: "PatchdeckApp", begun: "Profile | None" = None, reason: str = "") -> None:
    """Asks for a new profile, and keeps it; one that was refused is asked for again."""
    from ops.credentials.book import add_profile, new_profile

    def answered(profile: "Profile | None") -> None:
        if profile is None:
            return
        refused = lambda error: add(deck, profile, str(error))  # noqa: E731  # one expression, used once
        _keep(
            deck,
            lambda: add_profile(deck.home, profile),
            _told(f"Profile {profile.name} is defined.", None, profile),
            refused,
        )

    deck.push_screen(ProfileForm(begun or new_profile(""), is_new=True, reason=reason), answered)


def edit(deck: "PatchdeckApp", before: "Profile", begun: "Profile | None" = None, reason: str = "") -> None:
    """Asks for another definition of the profile ``before``, and keeps what was changed."""
    from ops.credentials.book import edit_profile

    def answered(after: "Profile | None") -> None:
        if after is None:
            return

        def put(wanted: "Profile", known: "Profile") -> None:
            work = lambda: edit_profile(deck.home, before.name, lambda _: wanted, seen=known)  # noqa: E731
            line = f"Profile {before.name} is changed." if wanted != known else "Nothing to change."
            _keep(deck, work, _told(line, known, wanted), or_conflict(deck, refused, put))

        refused = lambda error: edit(deck, before, after, str(error))  # noqa: E731  # one expression
        put(after, before)

    deck.push_screen(ProfileForm(begun or before, is_new=False, reason=reason), answered)


def ask_to_remove(deck: "PatchdeckApp", now: "ProfileNow") -> None:
    """Asks for the name, then removes the profile and its kept secrets; refused at once where something names it."""
    from ops.credentials.book import remove_profile

    name = now.profile.name
    if now.users:
        deck.say(f"Profile {name} is in use by {some_of(now.users)}. Nothing was removed.", is_error=True)
        return

    def removed(problems: tuple[str, ...]) -> None:
        deck.say(f"Profile {name} is removed.")
        for problem in problems:
            deck.say(problem, is_error=True)
        deck.work.look()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            work = lambda: remove_profile(deck.home, name)  # noqa: E731  # one expression, used once
            in_thread(deck, work, removed, deck.complain, what="removing the profile")

    effect = f"The profile {name} goes, and the secrets that are kept for it."
    deck.push_screen(NameForm("Remove a profile", name, effect, takes="removes it"), answered)


def test(deck: "PatchdeckApp", profile: "Profile") -> None:
    """Logs in to every machine of ``profile``, and shows what came of each."""
    from ops.credentials.proving import machines_of
    from tui.screens.profile_test import ProfileTestScreen

    def found(machines: "list[Machine]") -> None:
        def show() -> None:
            deck.push_screen(ProfileTestScreen(profile, machines))

        with_secrets(deck, machines, show)

    in_thread(
        deck, lambda: machines_of(deck.home, profile), found, deck.complain, what="looking for the machines", opens=True
    )


def ask_for_secret(deck: "PatchdeckApp", profile: "Profile", *, rotates: bool = False) -> None:
    """Asks which secret of ``profile`` and for the secret itself; then puts it in place.

    With ``rotates`` only once every machine of the profile has taken it.
    """
    from tui.screens.secret_kind_form import SecretKindForm

    kinds = [kind for kind in SecretKind if keeps_secret(profile, kind)]
    if not kinds:
        deck.say(f"Patchdeck keeps no secret of {profile.name}: e says where they are found.")
    elif len(kinds) == 1:
        _ask_for(deck, profile, kinds[0], rotates=rotates)
    else:

        def chosen(kind: SecretKind | None) -> None:
            if kind is not None:
                _ask_for(deck, profile, kind, rotates=rotates)

        deck.push_screen(SecretKindForm(profile, kinds), chosen)


def _ask_for(deck: "PatchdeckApp", profile: "Profile", kind: SecretKind, *, rotates: bool) -> None:
    from ops.credentials.rotating import Change, put_in_place
    from tui.screens.secret_form import SecretForm

    def answered(secret: "Secret | None") -> None:
        if secret is None:
            return
        change = Change(profile, kind, secret)
        if rotates:
            _rotate(deck, change)
            return
        put = lambda: put_in_place(deck.home, change, "profile.set-secret")  # noqa: E731  # one expression, used once
        _keep(deck, put, f"{profile.name}: the {kind.value} is kept. T tests it.", deck.complain)

    meaning = "Kept only once every machine of the profile has taken it." if rotates else "Kept at once, untested."
    title = f"New {kind.value} of {profile.name}"
    deck.push_screen(SecretForm(title, meaning, repeats=True), answered)


def _rotate(deck: "PatchdeckApp", change: "Change") -> None:
    from ops.credentials.proving import Verdict
    from ops.credentials.rotating import Rotation, rotate

    name = change.profile.name

    def done(rotation: Rotation) -> None:
        counts = [f"{rotation.count(each):,} {each.value}" for each in Verdict if rotation.count(each)]
        what = "the new secret holds" if rotation.is_done else "the old secret stays"
        deck.say(f"{name}: {what}; {', '.join(counts)}.", is_error=not rotation.is_done)
        for proof in rotation.proofs:
            if proof.verdict is Verdict.REFUSED:
                deck.say(f"{proof.machine.name}: {proof.text}", is_error=True)
        deck.work.look()

    deck.say(f"{name}: logging in to its machines with the new secret …")
    work = lambda: asyncio.run(rotate(deck.home, change))  # noqa: E731  # one expression, used once
    in_thread(deck, work, done, deck.complain, what="rotating the secret")


def _told(line: str, before: "Profile | None", after: "Profile") -> str:
    """``line``, and which secrets are wanted at their new place."""
    places = [kind for kind in SecretKind if before is None or before.origin(kind) != after.origin(kind)]
    wanted = [kind.words for kind in places if keeps_secret(after, kind)]
    return f"{line} S puts its {' and '.join(wanted)} there." if wanted else line


def _keep(
    deck: "PatchdeckApp", work: Callable[[], object], line: str, refused: Callable[[PatchdeckError], None]
) -> None:
    def kept(_: object) -> None:
        deck.say(line)
        deck.work.look()

    in_thread(deck, work, kept, refused, what="keeping the profile")
