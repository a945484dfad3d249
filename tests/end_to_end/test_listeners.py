"""What a REST listener answers around the capability's own routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from naftiko_runtime import __version__
from polytomic_sandbox import FIRST_SYNC_ID
from tests.end_to_end.commands import MODELSYNC, Served, until
from tests.end_to_end.faces import rest_client
from tests.end_to_end.scripted_upstream import ScriptedUpstream

SYNC = f"/v1/api/syncs/{FIRST_SYNC_ID}"


@pytest.fixture(scope="module")
def root(polytomic: Served) -> Iterator[httpx.Client]:
    with rest_client(polytomic.rest) as client:
        yield client


def test_the_banner_tells_what_is_served_where(polytomic: Served) -> None:
    banner = polytomic.process.stdout
    assert f"naftiko-runtime {__version__}" in banner
    assert f"API Reference — subpackage_modelSync  ({MODELSYNC}: 12 routes, 12 tools)" in banner
    assert f"{polytomic.rest}  (12 routes)" in banner
    assert f"{polytomic.rest}/docs" in banner
    assert f"{polytomic.mcp}  (12 tools)" in banner


def test_head_answers_for_get_without_the_body(root: httpx.Client) -> None:
    got, asked = root.get(SYNC), root.head(SYNC)
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert asked.headers[name] == got.headers[name]


def test_head_goes_upstream_as_get(scripted: Served, upstream: ScriptedUpstream) -> None:
    upstream.received.clear()
    with rest_client(scripted.rest) as client:
        assert client.head(SYNC).status_code == 200
    [received] = upstream.received
    assert received.head.startswith(b"GET ")


def test_options_lists_the_methods(root: httpx.Client) -> None:
    response = root.options(SYNC)
    assert response.status_code == 204
    assert _methods(response) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}


def test_a_method_that_is_not_offered_is_a_405_that_lists_the_others(root: httpx.Client) -> None:
    response = root.patch(SYNC)
    assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")
    assert _methods(response) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}


def test_a_literal_segment_beats_a_variable_one(root: httpx.Client) -> None:
    assert "schedule_options" in root.get("/v1/api/syncs/schedules").json()["data"]


def test_a_path_without_route_is_a_404_with_a_request_id(root: httpx.Client) -> None:
    response = root.get("/api/syncs")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_openapi_describes_the_routes(polytomic: Served, root: httpx.Client) -> None:
    document = root.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    methods = [method for item in document["paths"].values() for method in item]
    assert len([one for one in methods if one in ("get", "put", "post", "delete")]) == 12
    assert {server["url"] for server in document["servers"]} == {polytomic.rest}
    listed = document["paths"]["/v1/api/syncs"]["get"]["parameters"]
    assert {"limit", "active", "mode", "page_token"} <= {one["name"] for one in listed}


def test_docs_need_nothing_from_the_internet(root: httpx.Client) -> None:
    page = root.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r"""(?:src|href)=["']?([^"'\s>]+)""", page.text)
    assert links
    for asset in (page.url.join(link) for link in links if not link.startswith("data:")):
        assert asset.host == page.url.host
        assert root.get(asset).status_code == 200


def test_healthz_says_that_all_is_well(root: httpx.Client) -> None:
    assert root.get("/healthz").status_code == 200


def test_answers_are_logged_with_the_id_that_callers_see(
    polytomic: Served, root: httpx.Client
) -> None:
    request_id = root.get(SYNC).headers["x-request-id"]
    until(lambda: request_id in polytomic.process.stderr, polytomic.process)
    [line] = [one for one in polytomic.process.stderr.splitlines() if request_id in one]
    assert f"GET {SYNC} 200" in line


def _methods(response: httpx.Response) -> set[str]:
    return {method.strip() for method in response.headers["allow"].split(",")}
