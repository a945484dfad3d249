"""The pages around the routes: description, documentation, health."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from naftiko_runtime.expose.rest.openapi import openapi_document
from naftiko_runtime.expose.rest.site import build_site
from tests.expose.rest.driving import Server, seed, serve

PAGES = ["/openapi.json", "/healthz", "/docs", "/docs/docs.css", "/docs/docs.js"]


@pytest.fixture
def server() -> Server:
    plans = seed().rest
    document = openapi_document(plans, "Polytomic", "1", ["http://localhost:8080"])
    return serve(*plans, site=build_site(document))


def test_the_description_is_served_as_json(server: Server) -> None:
    answered = server.ask("GET", "/openapi.json")
    assert answered.header("content-type") == "application/json"
    assert answered.json["openapi"] == "3.1.0"


def test_health_is_told(server: Server) -> None:
    assert server.ask("GET", "/healthz").json["status"] == "ok"


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_guarded_and_answer_head(server: Server, path: str) -> None:
    whole, head = server.ask("GET", path), server.ask("HEAD", path)
    assert (whole.status, head.status, head.body) == (200, 200, b"")
    assert whole.header("content-length") == str(len(whole.body)) == head.header("content-length")
    assert "default-src 'none'" in str(whole.header("content-security-policy"))
    assert whole.header("x-content-type-options") == "nosniff"


def test_other_methods_are_not_offered_by_pages(server: Server) -> None:
    answered = server.ask("POST", "/docs")
    assert (answered.status, answered.header("allow")) == (405, "GET, HEAD, OPTIONS")
    assert answered.header("content-type") == "application/problem+json"
    assert server.ask("OPTIONS", "/docs").status == 204


@pytest.mark.parametrize("path", ["/", "/docs/", "/docs/docs.html", "/nothing"])
def test_unknown_paths_are_problems(server: Server, path: str) -> None:
    answered = server.ask("GET", path, headers={"X-Request-Id": "r1"})
    assert (answered.status, answered.json["code"]) == (404, "path-unknown")
    assert answered.json["instance"] == path
    assert answered.header("x-request-id") == "r1"


def test_unknown_paths_are_told_of() -> None:
    told: list[tuple[str, str, str | None, int, float, str]] = []
    site = build_site({}, on_answer=lambda *facts: told.append(facts))
    assert serve(site=site).ask("HEAD", "/nothing?q=1").body == b""
    ((method, path, address, status, *_),) = told
    assert (method, path, address, status) == ("HEAD", "/nothing", None, 404)


@pytest.mark.parametrize("path", PAGES)
def test_without_documentation_there_are_no_pages(path: str) -> None:
    assert serve(site=build_site({}, docs=False)).ask("GET", path).status == 404


class Links(HTMLParser):
    """Collects what a page loads, and what its policy would not allow."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("script", "link", "img"):
            self.loaded.append(named.get("src") or named.get("href") or "")
        self.inline += [name for name in named if name == "style" or name.startswith("on")]


def test_the_page_loads_nothing_from_elsewhere(server: Server) -> None:
    links = Links()
    links.feed(server.ask("GET", "/docs").body.decode())
    assert links.loaded == ["data:,", "docs/docs.css", "docs/docs.js"]
    assert not links.inline
    for path in ("/docs/docs.css", "/docs/docs.js"):
        text = server.ask("GET", path).body.decode()
        assert not re.search(r"https?://|@import|innerHTML|eval\(", text), path


def test_the_script_finds_the_elements_it_fills(server: Server) -> None:
    page = server.ask("GET", "/docs").body.decode()
    script = server.ask("GET", "/docs/docs.js").body.decode()
    for name in re.findall(r'byId\("([^"]+)"\)', script):
        assert f'id="{name}"' in page, name
    assert json.dumps(name)
