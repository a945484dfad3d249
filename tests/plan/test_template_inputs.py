"""Inputs that feed no parameter, only a template: section 4 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.inputs import Place
from tests.documents import load

_VOYAGES = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /voyages
      operations:
      - {name: plan, method: POST, body: '{"port": "{{port}}"}'}
  aggregates:
  - namespace: fleet
    functions:
    - name: plan
      inputParameters: [{name: port, type: string}]
      call: api.plan
      with: {port: fleet.port}
  exposes:
  - type: rest
    namespace: r
    resources:
    - path: /voyages
      operations:
      - METHOD
"""
_WAYS = {
    "inferred from the template": "call: api.plan",
    "inferred from 'with'": "call: api.plan, with: {port: r.port}",
    "declared": "call: api.plan, inputParameters: [{name: port, type: string}]",
    "a function's": "ref: fleet.plan",
    "of fixed values": "outputParameters: [{name: port, value: '{{port}}'}], "
    "inputParameters: [{name: port, type: string}]",
}


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS.keys())
@pytest.mark.parametrize(
    ("method", "place"),
    [("POST", Place.BODY), ("PUT", Place.BODY), ("PATCH", Place.BODY), ("DELETE", Place.QUERY)],
)
def test_the_method_tells_the_place_of_what_only_a_template_names(
    tmp_path: Path, method: str, place: Place, way: str
) -> None:
    document = _VOYAGES.replace("METHOD", f"{{name: plan, method: {method}, {way}}}")
    (route,) = load(tmp_path, document).rest[0].routes
    assert {one.name: one.place for one in route.operation.inputs} == {"port": place}


def test_a_place_that_is_declared_is_kept(tmp_path: Path) -> None:
    declared = "call: api.plan, inputParameters: [{name: port, in: header}]"
    document = _VOYAGES.replace("METHOD", f"{{name: plan, method: POST, {declared}}}")
    (route,) = load(tmp_path, document).rest[0].routes
    assert [one.place for one in route.operation.inputs] == [Place.HEADER]


def test_a_template_asks_for_no_more_than_what_is_declared(tmp_path: Path) -> None:
    declared = "call: api.plan, inputParameters: [{name: reason, type: string}]"
    document = _VOYAGES.replace("METHOD", f"{{name: plan, method: POST, {declared}}}")
    (route,) = load(tmp_path, document).rest[0].routes
    assert [one.name for one in route.operation.inputs] == ["reason"]
