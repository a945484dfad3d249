"""`x-resilience`: three levels, the inner one wins, field by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.resilience import (
    CircuitBreaking,
    Concurrency,
    Rate,
    ResiliencePolicy,
    Retries,
    Timeouts,
)
from tests.documents import load, tool

CAPABILITY = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: {base}
    {api}
    resources:
    - path: /ships
      name: ships
      {resource}
      operations:
      - name: get
        method: {method}
        {operation}
  aggregates:
  - namespace: fleet
    functions:
    - {{name: fn, description: d, call: api.get, {semantics}}}
  exposes:
  - type: mcp
    namespace: m
    port: 0
    tools:
    - {{name: get, description: d, call: api.get, {hints}}}
    - {{name: fn, ref: fleet.fn}}
    - name: steps
      description: d
      hints: {{idempotent: true}}
      steps: [{{type: call, name: one, call: api.get}}]
"""


FORWARD = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - {type: http, namespace: api, baseUri: 'https://up.test', x-resilience: {rateLimit: {per: 5}}}
  exposes:
  - type: rest
    namespace: r
    port: 0
    resources:
    - {path: '/api/{path}', forward: {targetNamespace: api}}
"""


def policy(
    folder: Path,
    api: str = "",
    resource: str = "",
    operation: str = "",
    *,
    method: str = "GET",
    hints: str = "",
    semantics: str = "",
    base: str = "https://up.test/v1",
    unit: str = "get",
) -> ResiliencePolicy:
    """Return the policy of a tool's call, given the content of `x-resilience` on each level."""
    text = CAPABILITY.format(
        base=base,
        method=method,
        hints=hints,
        semantics=semantics,
        api=_extension(api),
        resource=_extension(resource),
        operation=_extension(operation),
    )
    action = tool(load(folder, text), unit).operation.action
    assert isinstance(action, CallPlan)
    return action.resilience


def _extension(content: str) -> str:
    return f"x-resilience: {{{content}}}" if content else ""


def test_without_a_word_the_defaults_apply(tmp_path: Path) -> None:
    assert policy(tmp_path) == ResiliencePolicy(
        "https://up.test",
        Timeouts(),
        Retries(3, 0.1, 2.0),
        repeatable=True,
        breaking=CircuitBreaking(10, 30.0, 5.0),
        concurrency=Concurrency("api", None, 1024),
    )


def test_an_inner_level_wins_field_by_field(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "timeouts: {connect: 1, read: 2, total: 3}, retries: {attempts: 5, backoff: 1s}",
        "timeouts: {read: 250ms}, circuitBreaker: {failures: 3, window: 1m, open: 2}",
        "timeouts: {total: 10}, retries: {maxBackoff: 4}",
    )
    assert found.timeouts == Timeouts(1.0, 0.25, 10.0)
    assert found.retries == Retries(5, 1.0, 4.0)
    assert found.breaking == CircuitBreaking(3, 60.0, 2.0)


@pytest.mark.parametrize(
    ("method", "repeatable"),
    [
        ("GET", True),
        ("HEAD", True),
        ("PUT", True),
        ("DELETE", True),
        ("POST", False),
        ("PATCH", False),
    ],
)
def test_the_method_says_whether_a_request_may_be_repeated(
    method: str, repeatable: bool, tmp_path: Path
) -> None:
    assert policy(tmp_path, method=method).repeatable is repeatable


def test_the_document_knows_better_than_the_method(tmp_path: Path) -> None:
    assert policy(tmp_path, operation="idempotent: true", method="POST").repeatable
    assert not policy(tmp_path, "idempotent: true", operation="idempotent: false").repeatable


def test_a_hint_of_the_exposed_unit_counts_where_the_document_says_no_more(tmp_path: Path) -> None:
    hints = "hints: {idempotent: true}"
    assert policy(tmp_path, method="POST", hints=hints).repeatable
    assert policy(tmp_path, method="GET", hints=hints).repeatable
    assert not policy(tmp_path, "idempotent: false", method="POST", hints=hints).repeatable


def test_a_hint_that_says_something_else_changes_nothing(tmp_path: Path) -> None:
    assert not policy(tmp_path, method="POST", hints="hints: {readOnly: false}").repeatable


def test_the_semantics_of_a_function_count_like_a_hint(tmp_path: Path) -> None:
    semantics = "semantics: {idempotent: true}"
    assert policy(tmp_path, method="POST", semantics=semantics, unit="fn").repeatable
    assert not policy(tmp_path, method="POST", unit="fn").repeatable


def test_what_limits_requests_counts_those_of_the_level_that_it_stands_on(tmp_path: Path) -> None:
    limit = "concurrency: {limit: 2}, rateLimit: {requests: 10, per: 5}"
    for levels, scope in (
        ((limit,), "api"),
        (("", limit), "api.ships"),
        (("", "", limit), "api.get"),
    ):
        found = policy(tmp_path, *levels)
        assert found.concurrency == Concurrency(scope, 2, 1024)
        assert found.rate == Rate(scope, 2.0, 10)


def test_a_limit_is_put_together_from_all_levels(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "concurrency: {limit: 2}, rateLimit: {requests: 10}",
        operation="concurrency: {queue: 0}, rateLimit: {burst: 3}",
    )
    assert found.concurrency == Concurrency("api.get", 2, 0)
    assert found.rate == Rate("api.get", 10.0, 3)


@pytest.mark.parametrize(
    ("levels", "line"),
    [
        (("rateLimit: {per: 5}",), 8),
        (("", "rateLimit: {burst: 5}"), 12),
        (("rateLimit: {per: 5}", "rateLimit: {burst: 5}"), 12),
        (("rateLimit: {per: 5}", "rateLimit: {requests: 5}"), None),
        (("rateLimit: {requests: 5}", "", "rateLimit: {burst: 5}"), None),
    ],
)
def test_a_rate_without_a_number_of_requests_limits_nothing_and_is_reported(
    tmp_path: Path, levels: tuple[str, ...], line: int | None
) -> None:
    assert (policy(tmp_path, *levels).rate is None) == (line is not None)
    found = load_capability(tmp_path / "capability.yaml").diagnostics
    reported = [one.position for one in found if one.code == "value-missing"]
    assert [one.line for one in reported if one] == ([] if line is None else [line])


def test_the_rate_of_what_is_only_passed_on_is_reported_too(tmp_path: Path) -> None:
    (tmp_path / "forward.yaml").write_text(FORWARD)
    [found] = load_capability(tmp_path / "forward.yaml").diagnostics
    assert (found.code, found.severity) == ("value-missing", Severity.WARNING)
    assert found.message == "a 'rateLimit' without 'requests' on any level limits nothing"


@pytest.mark.parametrize("off", ["off", "false"])
def test_retries_and_breaker_can_be_switched_off(off: str, tmp_path: Path) -> None:
    found = policy(tmp_path, f"retries: {off}, circuitBreaker: {off}")
    assert found.retries.attempts == 1
    assert found.breaking.failures == 0


def test_policies_that_count_together_have_one_key(tmp_path: Path) -> None:
    plain = policy(tmp_path)
    assert plain.key == policy(tmp_path, operation="retries: {attempts: 2}", method="POST").key
    assert plain.key != policy(tmp_path, "circuitBreaker: {failures: 2}").key
    assert plain.key != policy(tmp_path, base="https://other.test").key


def test_an_api_without_a_base_uri_has_a_policy_too(tmp_path: Path) -> None:
    assert policy(tmp_path, base="''").origin == ""


def test_the_steps_of_a_run_are_no_more_repeatable_than_their_methods(tmp_path: Path) -> None:
    text = CAPABILITY.format(
        base="https://up.test",
        method="POST",
        hints="",
        semantics="",
        api="",
        resource="",
        operation="",
    )
    steps = tool(load(tmp_path, text), "steps").operation.action
    assert steps is not None
    assert not isinstance(steps, CallPlan)
    assert steps.last_call is not None
    assert not steps.last_call.call.resilience.repeatable
