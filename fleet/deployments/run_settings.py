"""What the record of a run keeps of its deployment's settings."""

import json
from collections.abc import Mapping

from fleet.deployments.budget import budget_text
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text
from fleet.deployments.rollout import HealthGate
from fleet.deployments.scripts import Script
from fleet.deployments.waves import wave_text


def settings_text(deployment: Deployment) -> str:
    """The settings as the JSON text of a dynamic column. Values of scripts' parameters, which may be secret, are not
    in it.
    """
    return json.dumps(_settings(deployment), ensure_ascii=False, separators=(",", ":"))


def _settings(deployment: Deployment) -> Mapping[str, object]:
    rules, window, rollout = deployment.updates, deployment.window, deployment.rollout
    return {
        "targets": list(deployment.targets),
        "classifications": sorted(rules.classes),
        "include": [mask_text(mask) for mask in rules.include],
        "exclude": [mask_text(mask) for mask in rules.exclude],
        "exclusions": [
            {
                "mask": mask_text(exclusion.mask),
                "reason": exclusion.reason,
                "until": exclusion.until.isoformat() if exclusion.until else "",
                "by": exclusion.by,
            }
            for exclusion in rules.exclusions
        ],
        "minimumAgeDays": rules.minimum_age_days,
        "allowNewPackages": rules.allow_new_packages,
        "allowRemovals": rules.allow_removals,
        **({"acceptLicences": True} if rules.accept_licences else {}),
        **({"allowOptional": True} if rules.allow_optional else {}),
        **({} if rules.rounds is None else {"rounds": rules.rounds}),
        "windowMinutes": window.minutes,
        "stopStartingMinutes": window.stop_starting_minutes,
        "hardStop": window.hard_stop,
        "reboot": deployment.reboot.policy.value,
        "rebootAt": deployment.reboot.at,
        "waves": [wave_text(rule) for rule in rollout.waves],
        "gate": _gate(rollout.gate),
        "failureBudget": budget_text(rollout.budget) if rollout.budget else "",
        "clusterTag": rollout.cluster_tag,
        "orderByTag": rollout.order_by_tag,
        "concurrency": rollout.concurrency,
        "scripts": [_script(script) for script in deployment.scripts],
        **({"needsApproval": deployment.needs_approval} if deployment.needs_approval else {}),
    }


def _gate(gate: HealthGate) -> Mapping[str, object]:
    return {
        "successPercent": gate.success_percent,
        "checkUnits": gate.check_units,
        "command": gate.command,
        "tcpPorts": list(gate.tcp_ports),
        "soakMinutes": gate.soak_minutes,
    }


def _script(script: Script) -> Mapping[str, object]:
    return {
        "stage": script.stage.value,
        "place": script.place.value,
        "path": script.path,
        "parameters": sorted(script.parameters),
        "onFailure": script.on_failure.value,
    }
