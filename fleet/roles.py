"""Roles in a home that several people share: who looks, who operates what is defined, who defines."""

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    NONE = 0
    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """As it is written: ``operator``."""
        return self.name.lower()


class Deed(StrEnum):
    """What may be asked of the background service over its socket; all of it is an operator's."""

    ASSESS = "assess"
    PREVIEW = "preview"
    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


# What each role is for, shown where somebody has to choose.
MEANINGS = {
    Role.VIEWER: "look at everything but secrets, and ask queries",
    Role.OPERATOR: "also assess machines, preview deployments, run them, pause, resume and cancel runs",
    Role.ADMIN: "everything: enrol, define, scope, credentials, settings",
}
