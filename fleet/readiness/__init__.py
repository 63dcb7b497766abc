"""Readiness: whether a machine can be reached, read and patched, judged check by check."""

from fleet.readiness.checks import CHECKS, Check, CheckResult, find_checks, judge_all
from fleet.readiness.verdicts import CheckStatus, Reading, Verdict

__all__ = ["CHECKS", "Check", "CheckResult", "CheckStatus", "Reading", "Verdict", "find_checks", "judge_all"]
