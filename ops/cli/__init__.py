"""The command line: verbs, their options, what they print and how they end. Every verb is in `ops.cli.verbs`."""

from ops.cli.edge import main
from ops.cli.session import AppRequest, OpenApp

__all__ = ["AppRequest", "OpenApp", "main"]
