"""Resources, over real HTTP and in all revisions: section 9 of the behaviour."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import mcp_types as types
import pytest
from mcp import Client, MCPError
from mcp_types import methods

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.mcp.offer import prepare_offer
from naftiko_runtime.plan.proofs import NamedSecret, SecretCheck
from tests.expose.mcp.offering import LIBRARY, PNG, library, registry
from tests.expose.mcp.serving import Logged, asking, plan_of, service_of, serving
from tests.expose.mcp.wire import HANDSHAKE, REVISIONS, STATELESS, request, result
from tests.upstreams import RecordingClient

MODES = ["legacy", "auto", STATELESS]
LISTED = [
    "ships://all",
    "motd://today",
    "names://all",
    "docs://NOTES",
    "docs://brief.txt",
    "docs://guide/a%20b.md",
    "docs://large.txt",
    "docs://logo.png",
]


async def _read(http: httpx.AsyncClient, revision: str, uri: str) -> Any:
    found = await result(http, revision, "resources/read", {"uri": uri})
    (contents,) = found["contents"]
    return contents


async def _error(http: httpx.AsyncClient, revision: str, uri: str) -> Any:
    return (await request(http, revision, "resources/read", {"uri": uri})).json()["error"]


@pytest.mark.parametrize("mode", MODES)
async def test_the_official_client_reads_resources(tmp_path: Path, mode: str) -> None:
    service = service_of([library(tmp_path)], registry())
    async with serving(service) as url, Client(f"{url}/mcp", mode=mode) as mcp:
        listed = (await mcp.list_resources()).resources
        assert [one.uri for one in listed] == LISTED
        templates = (await mcp.list_resource_templates()).resource_templates
        assert [one.uri_template for one in templates] == [
            "ships://{imo}",
            "flags://{flag}/{imo}",
            "logo://{imo}",
        ]
        (text,) = (await mcp.read_resource("ships://a%20b")).contents
        assert isinstance(text, types.TextResourceContents)
        assert text.text == '{"target":"/v1/ships/a%20b"}'
        (blob,) = (await mcp.read_resource("docs://logo.png")).contents
        assert isinstance(blob, types.BlobResourceContents)
        assert base64.b64decode(blob.blob) == PNG
        with pytest.raises(MCPError) as missing:
            await mcp.read_resource("docs://nothing")
        assert missing.value.code == (-32002 if mode == "legacy" else -32602)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_resources_are_listed_with_all_that_is_known_of_them(
    tmp_path: Path, revision: str
) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        listed = (await result(http, revision, "resources/list", {}))["resources"]
        templates = await result(http, revision, "resources/templates/list", {})
    by_uri = {one["uri"]: one for one in listed}
    assert by_uri["ships://all"] == {
        "uri": "ships://all",
        "name": "all",
        "title": "All",
        "description": "All ships",
    }
    assert by_uri["docs://guide/a%20b.md"] == {
        "uri": "docs://guide/a%20b.md",
        "name": "guide/a b.md",
        "title": "Manual: guide/a b.md",
        "description": "The manual",
        "mimeType": "text/markdown",
        "size": 7,
    }
    assert templates["resourceTemplates"][0] == {
        "uriTemplate": "ships://{imo}",
        "name": "ship",
        "title": "A ship",
        "mimeType": "application/json",
    }


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("uri", "mime_type", "text"),
    [
        ("ships://all", "application/json", '{"ships":[{"name":"Ada"},{"name":"Bo"}]}'),
        ("ships://1", "application/json", '{"target":"/v1/ships/1"}'),
        ("ships://a%2Fb", "application/json", '{"target":"/v1/ships/a%2Fb"}'),
        ("flags://NL/7", "application/json", '{"target":"/v1/ships/7?flag=NL"}'),
        ("motd://today", "text/plain", "Ahoy!"),
        ("names://all", "application/json", '{"names":["Ada","Bo"]}'),
        ("docs://guide/a%20b.md", "text/markdown", "# Guide"),
        ("docs://guide/a b.md", "text/markdown", "# Guide"),
        ("docs://NOTES", "text/plain", "plain"),
    ],
)
async def test_text_is_read_as_text(
    tmp_path: Path, revision: str, uri: str, mime_type: str, text: str
) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        assert await _read(http, revision, uri) == {"uri": uri, "mimeType": mime_type, "text": text}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("uri", "mime_type"),
    [("docs://logo.png", "image/png"), ("logo://png", "image/png")],
)
async def test_all_else_is_read_as_a_blob(
    tmp_path: Path, revision: str, uri: str, mime_type: str
) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        contents = await _read(http, revision, uri)
    blob = base64.b64encode(PNG).decode()
    assert contents == {"uri": uri, "mimeType": mime_type, "blob": blob}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    "uri", ["x://y", "docs://nothing", "docs://", "docs://guide", "ships://404", "ships://", ""]
)
async def test_what_does_not_exist_is_not_found(tmp_path: Path, revision: str, uri: str) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        error = await _error(http, revision, uri)
    code = -32602 if revision == STATELESS else -32002
    assert error == {"code": code, "message": "Resource not found", "data": {"uri": uri}}


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_error_of_upstream_is_told(tmp_path: Path, revision: str) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        error = await _error(http, revision, "ships://503")
    assert error == {
        "code": -32603,
        "message": "The API behind this resource answered 503 Service Unavailable",
        "data": {
            "code": "upstream-status",
            "status": 503,
            "body": '{"message":"later"}',
            "retryAfter": "7",
        },
    }


@pytest.mark.parametrize("revision", REVISIONS)
async def test_values_that_do_not_fit_are_named(tmp_path: Path, revision: str) -> None:
    client = registry()
    async with asking(service_of([library(tmp_path)], client)) as http:
        error = await _error(http, revision, "flags://XX/1")
    assert error["code"] == -32602
    assert [one["pointer"] for one in error["data"]["errors"]] == ["/flag"]
    assert not client.requests


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("uri", ["docs://large.txt", "ships://large"])
async def test_contents_over_the_limit_are_refused(tmp_path: Path, revision: str, uri: str) -> None:
    async with asking(service_of([library(tmp_path)], registry())) as http:
        error = await _error(http, revision, uri)
    assert error["code"] == -32603
    assert error["data"] == {"code": "resource-too-large"}
    assert "2048 bytes" in error["message"]


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_upstream_can_not_do_is_told_and_logged(
    tmp_path: Path, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: UpstreamRequest) -> UpstreamResponse:
        raise UpstreamUnreachable("upstream.test does not answer", lasting=True)

    async with asking(service_of([library(tmp_path)], RecordingClient(refuse))) as http:
        error = await _error(http, revision, "ships://1")
    assert error["code"] == -32603
    assert error["message"] == (
        "The API behind this resource can not be reached: upstream.test does not answer"
    )
    assert error["data"]["code"] == "upstream-unreachable"
    (record,) = [one for one in caplog.records if one.name == "naftiko.mcp"]
    assert record.getMessage() == "library.ship: upstream.test does not answer"


@pytest.mark.parametrize("revision", REVISIONS)
async def test_what_is_unforeseen_says_nothing_of_the_inside(
    tmp_path: Path, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: UpstreamRequest) -> UpstreamResponse:
        raise RuntimeError("the inside")

    caplog.set_level(logging.ERROR, "naftiko.mcp")
    async with asking(service_of([library(tmp_path)], RecordingClient(crash))) as http:
        response = await request(http, revision, "resources/read", {"uri": "ships://1"})
    assert "the inside" not in response.text
    error = response.json()["error"]
    assert (error["code"], error["message"]) == (-32603, "Something unforeseen went wrong")
    assert error["data"]["code"] == "internal-error"
    assert "the inside" in caplog.text


@pytest.mark.parametrize("revision", REVISIONS)
async def test_every_read_that_ended_is_told(tmp_path: Path, revision: str) -> None:
    logged = Logged()
    service = service_of([library(tmp_path)], registry(), on_call=logged)
    async with asking(service) as http:
        await _read(http, revision, "docs://NOTES")
        await _error(http, revision, "docs://nothing")
        await _error(http, revision, "ships://503")
    assert [(address, is_error) for address, is_error, _, _ in logged.calls] == [
        ("library.docs", False),
        ("library.docs", True),
        ("library.ship", True),
    ]
    assert logged.methods == ["resources/read"] * 3


@pytest.mark.parametrize("revision", REVISIONS)
async def test_clients_page_through_resources(tmp_path: Path, revision: str) -> None:
    uris: list[str] = []
    params: dict[str, str] = {}
    async with asking(service_of([library(tmp_path)], page_size=3)) as http:
        while True:
            page = await result(http, revision, "resources/list", params)
            uris += [one["uri"] for one in page["resources"]]
            if "nextCursor" not in page:
                break
            params = {"cursor": page["nextCursor"]}
        wrong = await request(http, revision, "resources/list", {"cursor": "x"})
    assert uris == LISTED
    assert wrong.json()["error"] == {"code": -32602, "message": "Invalid cursor"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_list_is_what_the_revision_allows(tmp_path: Path, revision: str) -> None:
    offer = prepare_offer([library(tmp_path)])
    for method, pages in (
        ("resources/list", offer.resources.pages),
        ("resources/templates/list", offer.resources.template_pages),
        ("prompts/list", offer.prompts.pages),
    ):
        page = pages[None]
        stated = page.stateless if revision == STATELESS else page.handshake
        assert methods.serialize_server_result(method, revision, stated)


async def test_how_long_clients_may_keep_contents_is_said(tmp_path: Path) -> None:
    check = SecretCheck("apikey", "query", "key", (NamedSecret(None, b"k"),))
    plan = replace(library(tmp_path), ttl_ms=7, callers=check)
    async with asking(service_of([plan], registry())) as http:
        path = "/mcp?key=k"
        for method, params in (
            ("resources/read", {"uri": "motd://today"}),
            ("resources/list", {}),
            ("prompts/list", {}),
        ):
            found = await result(http, STATELESS, method, params, path)
            assert (found["ttlMs"], found["cacheScope"]) == (7, "private")
        refused = await request(http, STATELESS, "resources/read", {"uri": "motd://today"})
    assert refused.status_code == 401


@pytest.mark.parametrize("revision", HANDSHAKE)
async def test_single_resources_can_not_be_subscribed_without_sessions(
    tmp_path: Path, revision: str
) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        response = await request(http, revision, "resources/subscribe", {"uri": "docs://NOTES"})
    assert response.json()["error"]["code"] == -32601


async def test_a_file_that_is_not_listed_yet_can_be_read(tmp_path: Path) -> None:
    async with asking(service_of([library(tmp_path)])) as http:
        (tmp_path / "docs" / "new.md").write_text("new")
        assert (await _read(http, STATELESS, "docs://new.md"))["text"] == "new"


async def test_a_template_answers_where_a_folder_has_no_such_file(tmp_path: Path) -> None:
    plan = library(tmp_path)
    *others, folder = plan.resources
    moved = replace(folder, uri="ships://")  # type: ignore[arg-type]
    async with asking(service_of([replace(plan, resources=(*others, moved))], registry())) as http:
        assert (await _read(http, STATELESS, "ships://NOTES"))["text"] == "plain"
        assert "/v1/ships/7" in (await _read(http, STATELESS, "ships://7"))["text"]


async def test_a_resource_of_one_uri_goes_before_templates(tmp_path: Path) -> None:
    def gone(_: UpstreamRequest) -> UpstreamResponse:
        return UpstreamResponse(410, (), b"")

    client = RecordingClient(gone)
    async with asking(service_of([library(tmp_path)], client)) as http:
        error = await _error(http, STATELESS, "ships://all")
    assert error["message"] == "Resource not found"
    assert [one.target for one in client.requests] == [b"/v1/ships"]


@pytest.mark.parametrize(
    ("label", "location", "titles"),
    [("Manual", "docs/NOTES", ["Manual"]), (None, "docs/guide", [None])],
)
def test_files_have_the_title_of_their_resource(
    tmp_path: Path, label: str | None, location: str, titles: list[str | None]
) -> None:
    library(tmp_path)
    word = "" if label is None else f"label: {label}, "
    document = LIBRARY.replace("label: Manual, ", word).replace("./docs}", f"./{location}}}")
    (page,) = prepare_offer([plan_of(tmp_path, document)]).resources.pages.values()
    listed = page.stateless["resources"]
    assert isinstance(listed, list)
    found = [one.get("title") for one in listed if isinstance(one, dict)]
    assert found[3:] == titles
