"""Definitions that are written read the same."""

import pytest
from hypothesis import HealthCheck, given, settings

from fleet.deployments.deployment import Deployment
from ops.deployments.definition_files import FORMATS, read_definition, write_definition
from tests.ops.deployments.any_deployment import deployments


@pytest.mark.parametrize("format_", FORMATS)
@given(deployment=deployments())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_definition_that_is_written_reads_the_same(format_: str, deployment: Deployment) -> None:
    """Whatever a deployment holds, its text gives it again, and written again the same text."""
    text = write_definition(deployment, format_)
    assert read_definition(text, format_) == deployment
    assert write_definition(read_definition(text, format_), format_) == text


def test_short_deployment_has_a_short_definition() -> None:
    """What is as by default is left out, in both formats."""
    text = 'name = "all-security"\ntargets = ["all"]\n\n[updates]\nclasses = ["security"]\n'
    deployment = read_definition(text, "toml")
    assert write_definition(deployment, "toml") == text
    assert write_definition(deployment, "yaml") == (
        "name: all-security\ntargets:\n  - all\nupdates:\n  classes:\n    - security\n"
    )
