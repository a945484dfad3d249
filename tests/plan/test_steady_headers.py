"""Headers that no value of a call changes are encoded once: section 5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        pytest.param(
            "", "authentication: {type: apikey, headers: {User-Agent: me}}", id="the runtime's own"
        ),
    ],
)
def test_headers_that_a_call_may_change_are_not_constant(
    tmp_path: Path, consumed: str, api: str
) -> None:
    made = one_call(tmp_path, consumed, method="PUT", api=api)
    assert made.call.steady_headers is None


def test_constant_headers_are_not_shown(tmp_path: Path) -> None:
    made = one_call(tmp_path, api="authentication: {type: bearer, token: hush}")
    assert "hush" not in repr(made.call)
