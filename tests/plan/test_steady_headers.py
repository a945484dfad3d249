"""Headers that no value of a call changes are encoded once: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.calls import OF_THE_RUNTIME
from tests.plan.units_building import one_call


def test_constant_headers_are_encoded_at_load(tmp_path: Path) -> None:
    made = one_call(tmp_path, api="authentication: {type: bearer, token: t}")
    headers = made.call.steady_headers
    assert headers is not None
    assert dict(headers) == {b"authorization": b"Bearer t", b"accept": b"application/json"}


def test_a_credential_may_say_what_is_accepted(tmp_path: Path) -> None:
    made = one_call(tmp_path, api="authentication: {type: apikey, headers: {Accept: text/x}}")
    assert made.call.steady_headers == ((b"accept", b"text/x"),)


@pytest.mark.parametrize(
    ("consumed", "api"),
    [
        pytest.param("inputParameters: [{name: X-Day, in: header}]", "", id="header"),
        pytest.param("inputParameters: [{name: day, in: cookie}]", "", id="cookie"),
        pytest.param("body: {type: text, data: a}", "", id="body"),
        pytest.param(
            "", "authentication: {type: apikey, key: k, value: v, placement: cookie}", id="proof"
        ),
        pytest.param("", "authentication: {type: bearer, token: '{{env.NONE}}'}", id="missing"),
    ],
)
def test_headers_that_a_call_may_change_are_not_constant(
    tmp_path: Path, consumed: str, api: str
) -> None:
    made = one_call(tmp_path, consumed, method="PUT", api=api)
    assert made.call.steady_headers is None


@pytest.mark.parametrize("name", [one.decode() for one in OF_THE_RUNTIME])
def test_a_credential_in_a_header_of_the_runtime_leaves_one_of_the_two(
    tmp_path: Path, name: str
) -> None:
    made = one_call(tmp_path, api=f"authentication: {{type: apikey, headers: {{{name}: me}}}}")
    assert made.call.steady_headers is None
    sent = [one.decode() for one, _ in made.sends().headers]
    assert sent.count(name) == 1


def test_what_tells_of_the_runtime_is_the_same_whether_other_headers_are_constant_or_not(
    tmp_path: Path,
) -> None:
    steady = one_call(tmp_path)
    assert steady.call.steady_headers is not None
    other = one_call(tmp_path, "inputParameters: [{name: X-Day, in: header}]")
    assert other.call.steady_headers is None
    assert dict(steady.sends().headers) == dict(other.sends().headers)


def test_constant_headers_are_not_shown(tmp_path: Path) -> None:
    made = one_call(tmp_path, api="authentication: {type: bearer, token: hush}")
    assert "hush" not in repr(made.call)
