"""Control adapters: which endpoints they have, and what they ask for in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import ControlPlan
from naftiko_runtime.plan.governance import Governance
from naftiko_runtime.plan.proofs import SecretCheck
from tests.plan.planned import Planned
from tests.plan.planned import plan as plan_document

DOCUMENT = """\
naftiko: 1.0.0-alpha3
info: {label: Fleet}
binds: [{keys: {OPS: OPS}}]
capability:
  exposes:
  - type: control
    port: 9100
%s
"""


def plan(folder: Path, *keys: str) -> Planned:
    """Plan a capability with a control adapter that has these lines besides."""
    text = DOCUMENT % "\n".join(f"    {line}" for line in keys)
    return plan_document(folder, text, LoadOptions(environment={"OPS": "sesame"}))


def control(folder: Path, *keys: str) -> ControlPlan:
    """Plan a control adapter of which everything can be served."""
    planned = plan(folder, *keys)
    assert planned.messages == []
    (one,) = planned.capability.control
    return one


def endpoints(one: ControlPlan) -> tuple[bool, bool, bool, bool]:
    return one.health, one.info, one.reload, one.metrics


def test_without_a_word_it_tells_of_health_and_shows_metrics(tmp_path: Path) -> None:
    one = control(tmp_path)
    assert endpoints(one) == (True, False, False, True)
    assert one.scripting is None


def test_it_has_its_place_its_callers_and_what_it_tells_of(tmp_path: Path) -> None:
    one = control(
        tmp_path,
        "namespace: ops",
        "address: 0.0.0.0",
        "description: For operators",
        'authentication: {type: bearer, token: "{{OPS}}"}',
    )
    assert (one.namespace, one.address, one.port) == ("ops", "0.0.0.0", 9100)
    assert (one.capability, one.specification) == ("Fleet", "1.0.0-alpha3")
    assert one.description == "For operators"
    assert isinstance(one.callers, SecretCheck)
    assert one.at.line == 6


def test_without_a_namespace_it_is_called_control(tmp_path: Path) -> None:
    assert control(tmp_path).namespace == "control"


def test_a_file_without_a_version_names_none(tmp_path: Path) -> None:
    planned = plan_document(tmp_path, "capability: {exposes: [{type: control, port: 1}]}")
    (one,) = planned.capability.control
    assert (one.capability, one.specification) == ("capability", None)


def test_what_it_offers_can_be_chosen(tmp_path: Path) -> None:
    keys = "management: {health: false, info: true, reload: true}"
    assert endpoints(control(tmp_path, keys)) == (False, True, True, True)


@pytest.mark.parametrize(
    ("said", "metrics"),
    [
        ("{}", True),
        ("{metrics: {}}", True),
        ("{metrics: {local: {}}}", True),
        ("{metrics: {local: {enabled: true}}}", True),
        ("{metrics: {local: {enabled: false}}}", False),
        ("{enabled: false}", False),
        ("{enabled: false, traces: {sampling: 0.1}, exporters: {otlp: {endpoint: x}}}", False),
        ("{traces: {local: {enabled: false, buffer-size: 50}}}", True),
    ],
)
def test_metrics_can_be_switched_off(tmp_path: Path, said: str, metrics: bool) -> None:
    assert control(tmp_path, f"observability: {said}").metrics is metrics


@pytest.mark.parametrize(
    ("said", "traces"),
    [
        ("{}", 100),
        ("{traces: {sampling: 1.0, propagation: w3c}}", 100),
        ("{traces: {local: {}}}", 100),
        ("{traces: {local: {buffer-size: 5000}}}", 5000),
        ("{traces: {local: {enabled: false, buffer-size: 5000}}}", 0),
        ("{enabled: false}", 0),
    ],
)
def test_traces_are_kept_unless_they_are_switched_off(
    tmp_path: Path, said: str, traces: int
) -> None:
    assert control(tmp_path, f"observability: {said}").traces == traces


def test_what_holds_for_scripts_is_told_where_it_is_said(tmp_path: Path) -> None:
    one = control(tmp_path, "management: {scripting: {timeout: 500}}")
    assert one.scripting == Governance(seconds=0.5)


@pytest.mark.parametrize("said", ["logs: false", "validate: false"])
def test_what_is_switched_off_is_not_missed(tmp_path: Path, said: str) -> None:
    assert control(tmp_path, f"management: {{{said}}}").health


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ("management: {validate: true}", "management.validate"),
        ("management: {logs: true}", "management.logs"),
        ("management: {logs: {stream: true}}", "management.logs"),
        ("observability: {traces: {sampling: 0.5}}", "observability.traces.sampling"),
        ("observability: {traces: {propagation: b3}}", "observability.traces.propagation"),
        ("observability: {exporters: {otlp: {endpoint: x}}}", "observability.exporters"),
    ],
)
def test_what_is_not_supported_is_a_warning_and_the_rest_is_served(
    tmp_path: Path, keys: str, named: str
) -> None:
    planned = plan(tmp_path, keys)
    assert planned.messages == [
        f"warning not-yet-supported 8: '{named}' of 'control' is not supported yet; "
        "the adapter is served without it"
    ]
    assert endpoints(planned.capability.control[0]) == (True, False, False, True)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("management: true", "'management' has to be a mapping"),
        ("management: {health: often}", "'health' has to be true or false"),
        ("management: {reload: 7}", "'reload' has to be true or false"),
        ("observability: [metrics]", "'observability' has to be a mapping"),
        ("observability: {metrics: {local: {enabled: 3}}}", "'enabled' has to be true or false"),
        ("observability: {traces: {local: {buffer-size: 0}}}", "'buffer-size' has to be at least"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(tmp_path: Path, keys: str, problem: str) -> None:
    (message,) = plan(tmp_path, keys).messages
    assert message.startswith(f"error value-invalid 8: {problem}")


def test_an_unknown_key_is_reported(tmp_path: Path) -> None:
    (message,) = plan(tmp_path, "management: {helth: true}").messages
    assert message.startswith("warning key-unknown 8: the specification has no key 'helth' here")
