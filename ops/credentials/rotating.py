"""Rotation: a new secret or key takes the place of the old one only once machines have shown that it works."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from collectors.secrets import Secret
from fleet.errors import BadInput, PatchdeckError
from fleet.machines import Machine
from fleet.profiles import Credentials, LoginBy, Profile, SecretKind, SecretOrigin
from ops.credentials.book import edit_profile
from ops.credentials.finding import HomeSecrets
from ops.credentials.keeping import forget_elsewhere, forget_everywhere, keep_secret, profile_entry
from ops.credentials.proving import Proof, Verdict, machines_of, prove
from ops.enrolment import note_deed
from ops.home import Home

ACTION = "profile.rotate"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a profile: its new definition, and the new secret where Patchdeck keeps it.

    ``proves`` is what is new: by it alone machines are logged in to. PASSPHRASE stands for the key file as a whole.
    """

    profile: Profile
    proves: SecretKind
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it: each machine's word, and whether the new secret holds now."""

    proofs: tuple[Proof, ...]
    is_done: bool

    def count(self, verdict: Verdict) -> int:
        """How many machines came to ``verdict``."""
        return sum(proof.verdict is verdict for proof in self.proofs)


class TrialSecrets:
    """What machines are logged in to with while something new is tried: nothing but that."""

    def __init__(self, home: Home, change: Change) -> None:
        self._change = change
        self._inner = HomeSecrets(home, tried=change.profile)
        by_kind = {
            SecretKind.PASSWORD: LoginBy.PASSWORD,
            SecretKind.PASSPHRASE: LoginBy.KEY,
            SecretKind.BECOME: LoginBy.ANYTHING,
        }
        self._login_by = by_kind[change.proves]

    async def credentials(self, machine: Machine, /) -> Credentials:
        """See `SecretSource.credentials`."""
        return replace(await self._inner.credentials(machine), login_by=self._login_by)

    def password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.password`."""
        return self._find(SecretKind.PASSWORD) if self._is_tried(SecretKind.PASSWORD) else self._inner.password(machine)

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.sudo_password`."""
        return (
            self._find(SecretKind.BECOME) if self._is_tried(SecretKind.BECOME) else self._inner.sudo_password(machine)
        )

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """See `SecretSource.passphrase`."""
        return self._find(SecretKind.PASSPHRASE)

    def has_own(self, machine: Machine) -> bool:
        """Whether ``machine`` has a value of its own in the place of what is tried: it proves nothing."""
        if self._change.proves is SecretKind.PASSPHRASE:
            return machine.key_file is not None
        return self._inner.own(machine, self._change.proves) is not None

    def _is_tried(self, kind: SecretKind) -> bool:
        return self._change.proves is kind

    def _find(self, kind: SecretKind) -> Secret | None:
        if self._is_tried(kind) and self._change.secret is not None:
            return self._change.secret
        return self._inner.of_profile(self._change.profile, kind)


async def rotate(
    home: Home,
    change: Change,
    *,
    without_unreached: bool = False,
    stop: asyncio.Event | None = None,
) -> Rotation:
    """Tries ``change`` on every machine of its profile, and makes it if all of them have taken it.

    One machine that refuses it leaves everything as it was; so does one that is not reached, unless
    ``without_unreached``. Something must have proved it.

    Raises:
        BadInput: no machine can prove it.
        PatchdeckError: it cannot be kept; the old one stands.
    """
    source = TrialSecrets(home, change)
    machines = await asyncio.to_thread(_provers, home, change, source)
    is_sudo = change.proves is SecretKind.BECOME
    proofs = await prove(home, machines, source, sudo=is_sudo, stop=stop)
    rotation = Rotation(tuple(proofs), is_done=False)
    hindered = rotation.count(Verdict.REFUSED) + (0 if without_unreached else rotation.count(Verdict.UNREACHED))
    if hindered or not rotation.count(Verdict.PROVEN) or (stop is not None and stop.is_set()):
        return rotation
    await asyncio.to_thread(put_in_place, home, change, ACTION)
    return replace(rotation, is_done=True)


def put_in_place(home: Home, change: Change, action: str) -> None:
    """Keeps the new secret and definition; ``action`` is for the audit, also where the definition stays as it was.

    The secret comes first: what fails before the definition is changed leaves a profile that works.

    Raises:
        PatchdeckError: it cannot be kept; the old one stands.
    """
    profile, kind = change.profile, change.proves
    entry, origin = profile_entry(profile, kind), profile.origin(kind)
    if change.secret is not None and origin is not None and origin.place.keeps:
        keep_secret(home, entry, change.secret, origin.place)
    before, after = edit_profile(home, profile.name, lambda old: _merged(old, change), action)
    if before == after and change.secret is not None:
        note_deed(home, action, profile.name)
    if origin is None or not origin.place.keeps:
        forget_everywhere(home, entry)
    else:
        forget_elsewhere(home, entry, origin.place)


def with_origin(profile: Profile, kind: SecretKind, origin: SecretOrigin | None) -> Profile:
    """``profile`` with its secret of that kind found elsewhere."""
    match kind:
        case SecretKind.PASSWORD:
            return replace(profile, password=origin)
        case SecretKind.BECOME:
            return replace(profile, become_password=origin)
        case SecretKind.PASSPHRASE:
            return replace(profile, passphrase=origin)


def _merged(old: Profile, change: Change) -> Profile:
    """What changes, on the profile as it is now: whatever else somebody edited meanwhile stays."""
    if old.id != change.profile.id:
        raise PatchdeckError(f"Profile {old.name!r} was removed and made anew meanwhile: nothing was changed.")
    new = with_origin(old, change.proves, change.profile.origin(change.proves))
    if change.proves is SecretKind.PASSPHRASE:
        new = replace(new, key_file=change.profile.key_file, certificate_file=change.profile.certificate_file)
    return new


def _provers(home: Home, change: Change, source: TrialSecrets) -> Sequence[Machine]:
    machines = [machine for machine in machines_of(home, change.profile) if not source.has_own(machine)]
    if not machines:
        raise BadInput(
            f"No enabled machine is logged in to with this of profile {change.profile.name!r}: nothing can prove it. "
            "To change it without a proof, use profiles set-secret or profiles edit."
        )
    return machines
