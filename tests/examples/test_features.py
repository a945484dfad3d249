"""Each feature example sends what it says upstream, and answers the same on both faces."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TypeAlias

import pytest

from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.values import Json
from tests.examples.features import FOLDER, Call, example, over_mcp, over_rest, upstream_of
from tests.upstreams import RecordingClient

Face: TypeAlias = Callable[[Capability, Call, RecordingClient], Json]

NOTE: Json = {"id": 7}
SHIPS: list[Json] = [{"name": "Nautilus"}, {"name": "Pequod"}]
STYLED = "/v1/ships?flag=NO&flag=SE&size%5Bmin%5D=5&sort=name,age&near=59.9%7C10.7&$select=name,imo"

CALLS = {
    "output-shaping": Call(
        rest="GET /ships/9321483",
        tool="get-ship",
        arguments={"imo": "9321483"},
        sent=("GET /v1/ships/9321483",),
        upstream={
            "/v1/ships/9321483": {
                "data": {"vessel-name": "Nautilus", "gt": "1250.5", "remarks": "Built for depth"}
            }
        },
        answer={
            "name": "Nautilus",
            "tonnage": 1250.5,
            "note": "Built for de",
            "source": "registry",
        },
    ),
    "control": Call(
        rest="GET /ships/9321483",
        tool="get-ship",
        arguments={"imo": "9321483"},
        sent=("GET /v1/ships/9321483",),
        upstream={"/v1/ships/9321483": {"name": "Nautilus"}},
        answer={"name": "Nautilus"},
    ),
    "nested-mapping": Call(
        rest="GET /fleet",
        tool="get-fleet",
        arguments={},
        sent=("GET /v1/fleet",),
        upstream={"/v1/fleet": {"owner": {"name": "Nemo"}, "vessels": [{"id": 1}, {"id": 2}]}},
        answer={"owner": "Nemo", "ships": [{"imo": "1"}, {"imo": "2"}]},
    ),
    "query-styles": Call(
        rest="GET /ships?flag=NO&flag=SE&size[min]=5&sort=name&sort=age&near=59.9&near=10.7"
        "&$select=name&$select=imo",
        tool="find-ships",
        arguments={
            "flag": ["NO", "SE"],
            "size": {"min": 5},
            "sort": ["name", "age"],
            "near": ["59.9", "10.7"],
            "$select": ["name", "imo"],
        },
        sent=(f"GET {STYLED}",),
        upstream={STYLED: [*SHIPS]},
        answer=[*SHIPS],
    ),
    "body-json": Call(
        rest="POST /notes",
        rest_body={"title": 'A "fine" day', "pages": 3},
        tool="add-note",
        arguments={"title": 'A "fine" day', "pages": 3},
        sent=("POST /v1/notes",),
        sent_body=b'{"note":{"title":"A \\"fine\\" day","pages":3},'
        b'"summary":"On A \\"fine\\" day"}',
        sent_headers={"content-type": "application/json"},
        upstream={"/v1/notes": NOTE},
        answer=NOTE,
    ),
    "body-form": Call(
        rest="POST /notes",
        rest_body={"title": "Wind & rain", "tags": ["log", "sea"]},
        tool="add-note",
        arguments={"title": "Wind & rain", "tags": ["log", "sea"]},
        sent=("POST /v1/notes",),
        sent_body=b"title=Wind+%26+rain&tag=log&tag=sea&source=fleet",
        sent_headers={"content-type": "application/x-www-form-urlencoded"},
        upstream={"/v1/notes": NOTE},
        answer=NOTE,
    ),
    "format-xml": Call(
        rest="GET /ships",
        tool="list-ships",
        arguments={},
        sent=("GET /ships.xml",),
        sent_headers={"accept": "application/xml, text/xml;q=0.9"},
        upstream={"/ships.xml": "<fleet><ship imo='1'><built>1868</built></ship></fleet>"},
        answer=[{"imo": "1", "built": 1868}],
    ),
    "format-csv": Call(
        rest="GET /ships",
        tool="list-ships",
        arguments={},
        sent=("GET /ships.csv",),
        sent_headers={"accept": "text/csv"},
        upstream={"/ships.csv": "IMO,In service\r\n1,true\r\n2,false\r\n"},
        answer=[{"imo": "1", "active": True}, {"imo": "2", "active": False}],
    ),
    "steps": Call(
        rest="GET /ships/9321483/home",
        tool="ship-home",
        arguments={"imo": "9321483"},
        sent=("GET /v1/ships/9321483", "GET /v1/ports", "GET /v1/weather/NOOSL"),
        upstream={
            "/v1/ships/9321483": {"name": "Nautilus", "home": "NOOSL"},
            "/v1/ports": [
                {"code": "SEGOT", "name": "Gothenburg"},
                {"code": "NOOSL", "name": "Oslo"},
            ],
            "/v1/weather/NOOSL": {"today": "fair"},
        },
        answer={"ship": "Nautilus", "port": {"name": "Oslo", "weather": "fair"}},
    ),
    "aggregates": Call(
        rest="GET /ships?limit=2",
        tool="list-ships",
        arguments={"limit": 2},
        sent=("GET /v1/ships?limit=2",),
        upstream={"/v1/ships?limit=2": {"ships": [*SHIPS]}},
        answer=["Nautilus", "Pequod"],
    ),
    "mocks": Call(
        rest="GET /ships/9321483",
        tool="get-ship",
        arguments={"imo": "9321483"},
        answer={"imo": "9321483", "title": "Ship 9321483", "tonnage": 1250.5, "active": True},
    ),
    "imports": Call(
        rest="GET /ships",
        tool="list-ships",
        arguments={},
        sent=("GET /v1/ships",),
        upstream={"/v1/ships": [*SHIPS]},
        answer=[*SHIPS],
    ),
    "binds": Call(
        rest="GET /ships",
        tool="list-ships",
        arguments={},
        sent=("GET /v1/ships?region=north",),
        sent_headers={"authorization": "Bearer a-key-for-examples"},
        upstream={"/v1/ships?region=north": [*SHIPS]},
        answer=[*SHIPS],
    ),
}
MULTIPART = Call(
    rest="POST /notes",
    rest_body={"title": "Log", "scan": base64.b64encode(b"\x00ink").decode()},
    tool="add-note",
    arguments={"title": "Log", "scan": base64.b64encode(b"\x00ink").decode()},
    sent=("POST /v1/notes",),
    upstream={"/v1/notes": NOTE},
    answer=NOTE,
)
PARTS = (
    b"--B\r\n"
    b'Content-Disposition: form-data; name="title"\r\n'
    b"\r\n"
    b"Log\r\n"
    b"--B\r\n"
    b'Content-Disposition: form-data; name="scan"; filename="scan.txt"\r\n'
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"\x00ink\r\n"
    b"--B--\r\n"
)
ALL = {**CALLS, "body-multipart": MULTIPART}
FACES = [pytest.param(over_rest, id="rest"), pytest.param(over_mcp, id="mcp")]


def check_sent(call: Call, client: RecordingClient) -> None:
    """Compare what upstream got with what it has to get."""
    lines = [f"{one.method} {one.target.decode()}" for one in client.requests]
    assert sorted(lines) == sorted(call.sent)
    for request in client.requests:
        headers = {name.decode(): value.decode() for name, value in request.headers}
        assert call.sent_headers.items() <= headers.items()
        if call.sent_body is not None:
            assert request.body == call.sent_body


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("name", CALLS)
def test_an_example_sends_and_answers_what_it_shows(name: str, face: Face) -> None:
    call = CALLS[name]
    client = upstream_of(call)
    assert face(example(name), call, client) == call.answer
    check_sent(call, client)


@pytest.mark.parametrize("face", FACES)
def test_a_multipart_body_has_its_parts(face: Face) -> None:
    client = upstream_of(MULTIPART)
    assert face(example("body-multipart"), MULTIPART, client) == MULTIPART.answer
    (request,) = client.requests
    content_type = dict(request.headers)[b"content-type"]
    kind, boundary = content_type.split(b"; boundary=")
    assert kind == b"multipart/form-data"
    assert request.body is not None
    assert request.body.replace(boundary, b"B") == PARTS


def test_every_example_is_run() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_an_example_starts_with_what_it_shows_and_is_listed_with_it(name: str) -> None:
    first, *rest = (FOLDER / f"{name}.yaml").read_text().splitlines()
    assert 19 <= len(rest) <= 45
    listed = (FOLDER.parent / "README.md").read_text()
    row = rf"\| \[{name}\]\(features/{name}\.yaml\) \| {re.escape(first.removeprefix('# '))} \|"
    assert re.search(row, listed), f"examples/README.md lacks: {row}"
