"""The command line: verbs, their options, what they print and how they end. Every verb is in `ops.cli.verbs`."""

from ops.cli.command_session import AppRequest, OpenApp
from ops.cli.edge import main

__all__ = ["AppRequest", "OpenApp", "main"]
