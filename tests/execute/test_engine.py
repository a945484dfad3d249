"""The engine: section 5, 6 and 10 of the behaviour, through one call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from naftiko_runtime.errors import (
    BaseUriMissing,
    CredentialMissing,
    TooManyCalls,
    UpstreamBodyInvalid,
)
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamResponse
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.operations import Operation
from tests.documents import ONE_OPERATION, load, tool
from tests.upstreams import GatedClient, RecordingClient, answer


def _operation(folder: Path, text: str = ONE_OPERATION, name: str = "get-ship") -> Operation:
    return tool(load(folder, text), name).operation


async def test_an_identity_answer_is_relayed_byte_for_byte(tmp_path: Path) -> None:
    body = b'{"b": 1,  "a": [1.0, 1e2]}\n'
    upstream = UpstreamResponse(200, ((b"content-type", b"application/json"),), body)
    client = RecordingClient(lambda _: upstream)
    outcome = await Engine(client).execute(_operation(tmp_path), {"imo": "I 1"})
    assert outcome.body == body
    assert client.requests[0].target == b"/v1/ships/I%201"


async def test_only_headers_that_callers_may_see_are_relayed(tmp_path: Path) -> None:
    headers = (
        (b"etag", b'"1"'),
        (b"set-cookie", b"a=b"),
        (b"x-ratelimit-remaining", b"3"),
        (b"ratelimit-policy", b"10"),
        (b"server", b"secret"),
    )
    client = RecordingClient(lambda _: answer({}, headers=headers))
    outcome = await Engine(client).execute(_operation(tmp_path), {"imo": "1"})
    names = [name for name, _ in outcome.headers]
    assert names == [b"content-type", b"etag", b"x-ratelimit-remaining", b"ratelimit-policy"]
    assert outcome.header(b"etag") == b'"1"'
    assert outcome.header(b"server") is None


async def test_an_upstream_error_is_an_outcome_and_is_not_shaped(tmp_path: Path) -> None:
    text = ONE_OPERATION.replace(
        "call: api.get-ship}",
        "call: api.get-ship, outputParameters: [{type: object, "
        "properties: {name: {type: string, mapping: $.name}}}]}",
    )
    client = RecordingClient(lambda _: answer({"message": "no"}, 404))
    outcome = await Engine(client).execute(_operation(tmp_path, text), {"imo": "1"})
    assert outcome.is_error
    assert (outcome.status, outcome.body) == (404, b'{"message":"no"}')


async def test_a_success_is_shaped_by_the_outputs(tmp_path: Path) -> None:
    text = ONE_OPERATION.replace(
        "call: api.get-ship}",
        "call: api.get-ship, outputParameters: [{type: object, "
        "properties: {name: {type: string, mapping: $.name}}}]}",
    )
    client = RecordingClient(lambda _: answer({"name": 7, "more": 1}, headers=((b"etag", b"1"),)))
    outcome = await Engine(client).execute(_operation(tmp_path, text), {"imo": "1"})
    assert outcome.value == {"name": "7"}
    assert outcome.body == b'{"name":"7"}'
    assert outcome.header(b"etag") is None, "the validator was for another body"


async def test_a_body_that_is_not_its_format_is_an_error(tmp_path: Path) -> None:
    text = ONE_OPERATION.replace(
        "call: api.get-ship}",
        "call: api.get-ship, outputParameters: [{type: string, mapping: $.a}]}",
    )
    client = RecordingClient(lambda _: UpstreamResponse(200, (), b"<html>"))
    with pytest.raises(UpstreamBodyInvalid):
        await Engine(client).execute(_operation(tmp_path, text), {"imo": "1"})


async def test_an_empty_success_stays_empty(tmp_path: Path) -> None:
    client = RecordingClient(lambda _: UpstreamResponse(204, (), b""))
    outcome = await Engine(client).execute(_operation(tmp_path), {"imo": "1"})
    assert (outcome.status, outcome.body) == (204, b"")


async def test_a_missing_base_uri_names_the_option(tmp_path: Path) -> None:
    operation = _operation(tmp_path, ONE_OPERATION.replace("http://upstream.test/v1", "''"))
    with pytest.raises(BaseUriMissing, match="--base-uri api=URL"):
        await Engine(RecordingClient()).execute(operation, {"imo": "1"})


_WITH_TOKEN = ONE_OPERATION.replace(
    "    resources:\n    - path: /ships/{imo}\n      name: ship",
    "    authentication: {type: bearer, token: '{{env.TOKEN}}'}\n"
    "    resources:\n    - path: /ships/{imo}\n      name: ship",
).replace(
    "- {name: detail, in: query, type: boolean}",
    "- {name: detail, in: query, type: boolean}\n"
    "        - {name: Authorization, in: header, type: string, required: true}",
)


async def test_a_missing_credential_names_the_variable(tmp_path: Path) -> None:
    operation = load(tmp_path, _WITH_TOKEN).rest[0].routes[0].operation
    with pytest.raises(CredentialMissing, match=r"TOKEN"):
        await Engine(RecordingClient()).execute(operation, {"imo": "1"})


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [({}, b"Bearer key"), ({"Authorization": "Bearer mine"}, b"Bearer mine")],
    ids=["configured", "the caller's own"],
)
async def test_the_callers_own_credential_replaces_the_configured_one(
    tmp_path: Path, arguments: dict[str, str], sent: bytes
) -> None:
    options = LoadOptions(environment={"TOKEN": "key"})
    operation = load(tmp_path, _WITH_TOKEN, options).rest[0].routes[0].operation
    client = RecordingClient()
    await Engine(client).execute(operation, {"imo": "1", **arguments})
    assert dict(client.requests[0].headers)[b"authorization"] == sent


async def test_a_mock_answers_its_values_without_a_call(tmp_path: Path) -> None:
    text = """
    naftiko: 1.0.0-alpha3
    capability:
      exposes:
      - type: mcp
        namespace: m
        tools:
        - name: mock
          inputParameters: [{name: who, type: string, required: false}]
          outputParameters:
          - {name: greeting, type: string, value: 'hello {{who}}'}
          - {name: size, type: number, value: '3'}
    """
    client = RecordingClient()
    outcome = await Engine(client).execute(_operation(tmp_path, text, "mock"), {"who": "you"})
    assert outcome.value == {"greeting": "hello you", "size": 3}
    assert client.requests == []


async def test_closing_the_engine_closes_its_client() -> None:
    client = RecordingClient()
    await Engine(client).aclose()
    assert client.closed


_KEYS = """
naftiko: 1.0.0-alpha3
binds: [{namespace: env, keys: {MAPS_KEY: MAPS_KEY}}]
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    authentication: {type: apikey, key: KEY NAME, value: "{{MAPS_KEY}}", placement: PLACE}
    resources:
    - path: /ships
      name: ships
      operations:
      - name: list
        method: GET
        inputParameters:
        - {name: KEY NAME, in: PLACE, type: string}
        - {name: limit, in: query, type: integer}
  exposes:
  - type: rest
    namespace: ships
    port: 0
    resources: [{path: /ships, operations: [{method: GET, name: list, call: api.list}]}]
"""


def _keyed(folder: Path, place: str, environment: dict[str, str]) -> Operation:
    text = _KEYS.replace("PLACE", place).replace("KEY NAME", "key")
    return load(folder, text, LoadOptions(environment=environment)).rest[0].routes[0].operation


async def test_a_callers_own_key_in_the_query_replaces_the_configured_one(tmp_path: Path) -> None:
    operation = _keyed(tmp_path, "query", {"MAPS_KEY": "ours"})
    client = RecordingClient()
    await Engine(client).execute(operation, {"key": "theirs", "limit": 2})
    await Engine(client).execute(operation, {"limit": 2})
    targets = [one.target for one in client.requests]
    assert targets == [b"/ships?key=theirs&limit=2", b"/ships?key=ours&limit=2"]


async def test_a_callers_own_key_in_a_cookie_replaces_the_configured_one(tmp_path: Path) -> None:
    operation = _keyed(tmp_path, "cookie", {"MAPS_KEY": "ours"})
    client = RecordingClient()
    await Engine(client).execute(operation, {"key": "theirs"})
    await Engine(client).execute(operation, {})
    cookies = [dict(one.headers)[b"cookie"] for one in client.requests]
    assert cookies == [b"key=theirs", b"key=ours"]


@pytest.mark.parametrize("place", ["query", "cookie", "header"])
async def test_a_callers_own_key_stands_in_for_one_without_a_value(
    tmp_path: Path, place: str
) -> None:
    operation = _keyed(tmp_path, place, {})
    client = RecordingClient()
    await Engine(client).execute(operation, {"key": "theirs"})
    assert len(client.requests) == 1
    with pytest.raises(CredentialMissing, match="MAPS_KEY"):
        await Engine(client).execute(operation, {"limit": 2})
    assert len(client.requests) == 1


async def test_no_more_calls_run_at_once_than_may(tmp_path: Path) -> None:
    operation = _operation(tmp_path)
    client = GatedClient(expected=2)
    engine = Engine(client, limits=ServeLimits(calls=2))
    first = [asyncio.create_task(engine.execute(operation, {"imo": n})) for n in ("1", "2")]
    await asyncio.sleep(0)
    with pytest.raises(TooManyCalls, match="2 calls run already") as caught:
        await engine.execute(operation, {"imo": "3"})
    assert caught.value.retry_after_seconds == 1.0
    assert [outcome.status for outcome in await asyncio.gather(*first)] == [200, 200]


async def test_a_call_that_failed_runs_no_more(tmp_path: Path) -> None:
    operation = _operation(tmp_path)
    engine = Engine(
        RecordingClient(lambda _: UpstreamResponse(500, (), b"")), limits=ServeLimits(calls=1)
    )
    for _ in range(2):
        assert (await engine.execute(operation, {"imo": "1"})).is_error
