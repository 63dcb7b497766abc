"""A run of the sample that waits for approval: its window is open, and one of two admins has read and approved it."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from fleet.alerts.telling import Posting
from fleet.answers import Answer
from fleet.approval_messages import approval_command, wanted_message
from fleet.approvals import Approval
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import (
    ChangeKind,
    LeftOut,
    LeftOutReason,
    MachinePlan,
    PackageChange,
    Plan,
    Selection,
    Simulation,
)
from fleet.deployments.plan_hash import describe_behaviour, hash_plan
from fleet.deployments.runs import MachineRun, Requester, Run, RunStatus
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.updates import Update
from generator.channels import MAIL, NTFY
from generator.deeds import Deed, clock_at
from generator.people import JONAS, PETRA
from ops.approvals.asking import starts_until
from ops.approvals.standing import standing_of_run
from ops.config import Settings
from ops.state import Audit
from ops.state.approvals import ApprovalBook, with_edition
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook

_NAME = "databases-postgresql"
_TARGETS = ("db-01", "db-02", "db-04", "sap-01")
_DEFINED_AT = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
_OPENS_AT = datetime(2026, 11, 20, 11, 40, tzinfo=UTC)
_APPROVED_AT = _OPENS_AT + timedelta(minutes=11)
_RUN_ID = "20261120T114000Z-7c41de"
_PACKAGES = ("postgresql*", "libpq*")
_DEPLOYMENT = Deployment(
    _NAME,
    _TARGETS,
    UpdateRules(classes=(), include=tuple(map(parse_mask, _PACKAGES))),
    window=Window(minutes=150),
    description="CVE-2026-990207, with the applications stopped. Two others read the plan first.",
    needs_approval=2,
    channels=(NTFY, MAIL),
)


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """The run; ``plan`` is what it froze."""

    plan: Plan

    def deeds(self) -> Iterator[Deed]:
        """That it was defined, asked for, and approved by one."""
        yield Deed(_DEFINED_AT, JONAS, f"patchdeck deployments add -f {_NAME}.toml", _define)
        yield Deed(_OPENS_AT, JONAS, f"patchdeck deployments run {_NAME} --now --yes", self._make)
        command = approval_command(_NAME, self.plan.hash)
        yield Deed(_APPROVED_AT, PETRA, f"{command} --note 'read with the owners of erp'", self._approve)

    def finish(self, connection: sqlite3.Connection) -> Posting:
        """Note what the run waits for; the message that asked for it."""
        book = RunBook(connection)
        run = book.find(_RUN_ID)
        asked = standing_of_run(connection, run, self.plan.hash, Settings(), _APPROVED_AT)
        lacks = f"approval: {asked.describe()}. See: patchdeck deployments approvals {_NAME}"
        book.save(replace(run, note=f"waits for {lacks}", waits_for_approval=True))
        at = _OPENS_AT + timedelta(seconds=21)
        message = wanted_message(run, asked, self.plan, at, until=starts_until(run))
        return Posting(message, _DEPLOYMENT.channels)

    def _make(self, connection: sqlite3.Connection, audit: Audit) -> None:
        actor = audit.actor
        requester = Requester(actor.user, actor.ssh_client, actor.command, "", actor.origin, JONAS.person)
        closes_at = _OPENS_AT + timedelta(minutes=_DEPLOYMENT.window.minutes)
        run = Run(
            _RUN_ID,
            _DEPLOYMENT,
            RunStatus.WAITING,
            _OPENS_AT,
            closes_at,
            requester,
            _OPENS_AT,
            plan_hash=self.plan.hash,
        )
        run = with_edition(connection, run)
        book = RunBook(connection, clock_at(_OPENS_AT))
        book.make(run)
        machines = [MachineRun(_RUN_ID, each.machine_id, each.machine_name, 0) for each in self.plan.machines]
        book.freeze(run, self.plan, machines)

    def _approve(self, connection: sqlite3.Connection, audit: Audit) -> None:
        note = "read with the owners of erp"
        approval = Approval(_NAME, self.plan.hash, PETRA.person, _APPROVED_AT, note)
        ApprovalBook(connection, audit, clock_at(_APPROVED_AT)).give(approval)


def plan_of(answers: Mapping[str, Assessment]) -> Plan:
    """The plan that the run froze, by the last ``answers`` of machines, by name."""
    machines = tuple(_machine(answers[name]) for name in _TARGETS)
    plan_hash = hash_plan(_NAME, machines, describe_behaviour(_DEPLOYMENT))
    return Plan(_NAME, _OPENS_AT + timedelta(seconds=20), machines, plan_hash)


def _define(connection: sqlite3.Connection, audit: Audit) -> None:
    DeploymentBook(connection, audit, JONAS.person).add(_DEPLOYMENT)


def _machine(answer: Assessment) -> MachinePlan:
    wanted = [update for update in answer.updates if _is_wanted(update)]
    chosen = tuple(update for update in wanted if update.is_installable)
    left_out = tuple(
        LeftOut(
            update, LeftOutReason.BLOCKED if update in wanted else LeftOutReason.NOT_IN_CLASSES, update.blocker_detail
        )
        for update in answer.updates
        if update not in chosen
    )
    changes = tuple(_change(update) for update in chosen)
    size = sum(update.size_bytes or 0 for update in chosen)
    return MachinePlan(
        answer.machine_id,
        answer.machine_name,
        wave=0,
        package_manager=answer.facts.package_manager or "",
        assessed_at=answer.ended_at,
        selection=Selection(chosen, left_out),
        simulation=Simulation(changes, download_bytes=size or None),
        reboot_expected=Answer.NO,
        predicted_seconds=float(40 + 25 * len(changes)),
        fits=Answer.YES,
    )


def _is_wanted(update: Update) -> bool:
    return any(fnmatchcase(update.name, mask) for mask in _PACKAGES)


def _change(update: Update) -> PackageChange:
    versions = update.installed_version, update.offered_version
    return PackageChange(ChangeKind.UPGRADE, update.name, update.architecture, *versions, update.size_bytes)
