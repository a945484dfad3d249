"""Steps: section 10 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import InvalidInput, UpstreamTimeout
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.operations import Operation
from tests.documents import load, tool
from tests.upstreams import GatedClient, RecordingClient, answer

_CONSUMES = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {path: '/ships/{imo}', operations: [{name: get-ship, method: GET}]}
    - {path: /crew, operations: [{name: list-crew, method: GET}]}
    - {path: /ports, operations: [{name: list-ports, method: GET}, {name: add, method: POST}]}
  exposes:
  - type: mcp
    namespace: m
    tools:
    - name: manifest
      description: A manifest
      inputParameters: [{name: imo, type: string}]
"""
_STEPS = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}}
      - {type: call, name: crew, call: api.list-crew}
      - {type: lookup, name: captain, index: crew, match: id, lookupValue: $.ship.captain}
      - {type: lookup, name: hands, index: crew, match: id, lookupValue: $.ship.hands,
         outputParameters: [name]}
"""
_MAPPINGS = """
      mappings:
      - {targetName: ship.name, value: $.ship.name}
      - {targetName: ship.port.code, value: $.ship.nowhere}
      - {targetName: captain, value: $.captain.name}
      - {targetName: hands, value: '$.hands[*].name'}
"""


def _respond(request: UpstreamRequest) -> UpstreamResponse:
    if request.target.startswith(b"/ships"):
        return answer({"name": "Northern Star", "captain": 2, "hands": [1, 3, 9]})
    return answer([{"id": "1", "name": "Ada"}, {"id": 2, "name": "Bo"}, {"id": 3, "name": "Cy"}])


def _manifest(folder: Path, *parts: str) -> Operation:
    return tool(load(folder, _CONSUMES + "".join(parts)), "manifest").operation


async def test_mappings_build_the_answer_from_all_steps(tmp_path: Path) -> None:
    operation = _manifest(tmp_path, _STEPS, _MAPPINGS)
    outcome = await Engine(RecordingClient(_respond)).execute(operation, {"imo": "7"})
    assert outcome.value == {
        "ship": {"name": "Northern Star", "port": {"code": None}},
        "captain": "Bo",
        "hands": ["Ada", "Cy"],
    }


async def test_without_mappings_the_last_calls_answer_is_the_answer(tmp_path: Path) -> None:
    operation = _manifest(tmp_path, _STEPS)
    outcome = await Engine(RecordingClient(_respond)).execute(operation, {"imo": "7"})
    assert outcome.body.startswith(b'[{"id":"1"')


async def test_an_upstream_error_ends_the_run_and_is_the_answer(tmp_path: Path) -> None:
    client = RecordingClient(
        lambda r: answer({"no": 1}, 404) if r.target.startswith(b"/ships") else answer([])
    )
    outcome = await Engine(client).execute(_manifest(tmp_path, _STEPS, _MAPPINGS), {"imo": "7"})
    assert (outcome.status, outcome.body) == (404, b'{"no":1}')
    assert outcome.step == "step 1 of 4, ship"


async def test_an_error_in_a_stage_of_one_ends_the_run(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}}
      - {type: call, name: again, call: api.get-ship, with: {imo: $.ship.next}}
    """
    client = RecordingClient(lambda _: answer({"no": 1}, 500))
    outcome = await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert outcome.status == 500
    assert len(client.requests) == 1


async def test_continue_on_error_goes_on_without_an_output(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}, continueOnError: true}
      - {type: call, name: crew, call: api.list-crew}
      mappings:
      - {targetName: ship, value: $.ship}
      - {targetName: first, value: '$.crew[0].name'}
    """
    client = RecordingClient(
        lambda r: answer({}, 500) if r.target.startswith(b"/ships") else _respond(r)
    )
    outcome = await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert outcome.value == {"ship": None, "first": "Ada"}


async def test_continue_on_error_goes_on_where_upstream_gives_no_answer_at_all(
    tmp_path: Path,
) -> None:
    def respond(request: UpstreamRequest) -> UpstreamResponse:
        if request.target.startswith(b"/ships"):
            raise UpstreamTimeout("no answer in time")
        return _respond(request)

    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}, continueOnError: true}
      - {type: call, name: crew, call: api.list-crew}
      mappings:
      - {targetName: ship, value: $.ship}
      - {targetName: first, value: '$.crew[0].name'}
    """
    engine = Engine(RecordingClient(respond))
    outcome = await engine.execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert outcome.value == {"ship": None, "first": "Ada"}


async def test_continue_on_error_does_not_hide_what_is_wrong_here(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: '..'}, continueOnError: true}
    """
    with pytest.raises(InvalidInput):
        await Engine(RecordingClient()).execute(_manifest(tmp_path, steps), {"imo": "7"})


async def test_calls_that_need_nothing_of_each_other_run_together(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: a, call: api.list-crew}
      - {type: call, name: b, call: api.list-ports}
      - {type: call, name: c, call: api.get-ship, with: {imo: m.imo}}
    """
    client = GatedClient(expected=3)
    await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert client.most == 3


async def test_calls_that_change_something_run_alone(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: before, call: api.list-ports}
      - {type: call, name: change, call: api.add}
      - {type: call, name: after, call: api.list-ports}
    """
    client = GatedClient(expected=1)
    await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert client.most == 1


async def test_nothing_is_changed_after_an_error(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}}
      - {type: call, name: change, call: api.add}
    """
    client = RecordingClient(lambda _: answer({"no": 1}, 404))
    await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert [request.method for request in client.requests] == ["GET"]


async def test_a_step_waits_for_what_it_needs(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: crew, call: api.list-crew}
      - {type: call, name: ship, call: api.get-ship, with: {imo: 'IMO-{{crew.0.id}}'}}
    """
    client = RecordingClient(_respond)
    await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert [request.target for request in client.requests] == [b"/crew", b"/ships/IMO-1"]


async def test_a_failure_names_its_step(tmp_path: Path) -> None:
    def respond(request: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamTimeout("no answer in time", lasting=True)

    engine = Engine(RecordingClient(respond))
    with pytest.raises(UpstreamTimeout) as caught:
        await engine.execute(_manifest(tmp_path, _STEPS, _MAPPINGS), {"imo": "7"})
    assert caught.value.detail == "step 1 of 4, ship: no answer in time"


async def test_a_run_of_look_ups_alone_answers_its_mappings(tmp_path: Path) -> None:
    steps = """
      steps:
      - {type: call, name: ship, call: api.get-ship, with: {imo: m.imo}}
      - {type: lookup, name: self, index: ship, match: name, lookupValue: '{{imo}}'}
      mappings:
      - {targetName: captain, value: $.self.captain}
    """
    engine = Engine(RecordingClient(_respond))
    outcome = await engine.execute(_manifest(tmp_path, steps), {"imo": "Northern Star"})
    assert outcome.value == {"captain": 2}


@pytest.mark.parametrize(
    "reference",
    [
        "$.first-ship.next",
        "$['first-ship'].next",
        '$["first-ship"][next]',
        "{{$['first-ship'].next}}",
    ],
)
async def test_a_path_may_write_a_steps_name_in_brackets(tmp_path: Path, reference: str) -> None:
    steps = f"""
      steps:
      - {{type: call, name: first-ship, call: api.get-ship, with: {{imo: m.imo}}}}
      - type: call
        name: next-ship
        call: api.get-ship
        with:
          imo: >-
            {reference}
      mappings:
      - targetName: next
        value: >-
          {reference}
    """
    client = RecordingClient(lambda _: answer({"next": 9}))
    outcome = await Engine(client).execute(_manifest(tmp_path, steps), {"imo": "7"})
    assert [request.target for request in client.requests] == [b"/ships/7", b"/ships/9"]
    assert outcome.value == {"next": 9}


def test_a_path_that_names_a_step_in_brackets_is_no_finding(tmp_path: Path) -> None:
    mappings = """
      mappings:
      - targetName: name
        value: $['ship'].name
    """
    document = tmp_path / "capability.yaml"
    document.write_text(_CONSUMES + _STEPS + mappings)
    found = [one.code for one in load_capability(document).diagnostics]
    assert "reference-unknown" not in found
