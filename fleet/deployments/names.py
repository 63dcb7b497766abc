"""Names of deployments: fit for command lines, file names and record tables."""

import re

from fleet.errors import BadInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# `20261120T020000Z-5f3a9c`: where a run or a deployment can be named, what begins like this is a run.
_RUN = re.compile(r"\d{8}T")


def check_deployment_name(text: str) -> str:
    """A deployment's name: letters, digits, dot, dash and underscore, at most 128, not ``all``, not like a run's id.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text) or text == "all" or _RUN.match(text):
        raise BadInput(
            f"Deployment name {text[:140]!r} is not usable: up to 128 letters, digits, '.', '-' and '_', "
            "starting with a letter or digit, not 'all', and not like the id of a run."
        )
    return text
