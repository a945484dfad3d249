"""The route table: section 4.5 of the behaviour."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.plan.paths import PathTemplate, encode_variable, parse_path
from naftiko_runtime.plan.routes import ANY_METHOD, Match, RouteTable


def table(*routes: str) -> RouteTable[str]:
    """Return a table of routes, each `METHOD /path`, which are also what they lead to."""
    built: RouteTable[str] = RouteTable()
    for route in routes:
        method, path = route.split(" ", 1)
        built.add(method, parse_path(path), route)
    return built


def found(routes: RouteTable[str], request: str) -> tuple[str | None, dict[str, str]]:
    method, path = request.split(" ", 1)
    match = routes.match(method, path)
    return (match.route, match.variables) if match else (None, {})


ROUTES = (
    "GET /orders/{id}",
    "GET /orders/latest",
    "GET /v{version}.json",
    "GET /{name}",
    "GET /files/{name}-{size}.{suffix}",
    "GET /orders/{id}/items/{item}",
    "GET /orders/latest/items/first",
    "GET /a%20b/ü",
    "GET /",
    "GET /dir/",
)


@pytest.mark.parametrize(
    ("request_", "route", "variables"),
    [
        pytest.param("/orders/7", "GET /orders/{id}", {"id": "7"}, id="variable"),
        pytest.param("/orders/latest", "GET /orders/latest", {}, id="literal-beats-variable"),
        pytest.param("/v2.json", "GET /v{version}.json", {"version": "2"}, id="pattern"),
        pytest.param("/v.json", "GET /{name}", {"name": "v.json"}, id="pattern-needs-a-value"),
        pytest.param(
            "/files/a-b-9.tar.gz",
            "GET /files/{name}-{size}.{suffix}",
            {"name": "a", "size": "b-9", "suffix": "tar.gz"},
            id="several-in-a-segment",
        ),
        pytest.param("/files/a", None, {}, id="pattern-that-does-not-fit"),
        pytest.param(
            "/orders/latest/items/2",
            "GET /orders/{id}/items/{item}",
            {"id": "latest", "item": "2"},
            id="back-from-a-literal-that-leads-nowhere",
        ),
        pytest.param("/orders/a%2Fb", "GET /orders/{id}", {"id": "a/b"}, id="encoded-slash"),
        pytest.param("/a%20b/%C3%BC", "GET /a%20b/ü", {}, id="literals-are-compared-decoded"),
        pytest.param("/", "GET /", {}, id="root"),
        pytest.param("", "GET /", {}, id="empty"),
        pytest.param("/orders/", None, {}, id="a-variable-is-not-empty"),
        pytest.param("/orders/7/", None, {}, id="slash-at-the-end"),
        pytest.param("/dir/", "GET /dir/", {}, id="slash-at-the-end-of-the-route"),
        pytest.param("/orders/7/items", None, {}, id="too-short"),
        pytest.param("/orders/7/items/1/x", None, {}, id="too-long"),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["in-order", "in-reverse-order"])
def test_the_most_literal_route_wins_whatever_the_order(
    request_: str, route: str | None, variables: dict[str, str], order: int
) -> None:
    assert found(table(*ROUTES[::order]), f"GET {request_}") == (route, variables)


def test_a_known_path_with_another_method_says_what_it_offers() -> None:
    routes = table("GET /a/{x}", "PUT /a/{x}", "DELETE /a/b")
    assert routes.match("POST", "/a/b") == Match(None, {}, ("DELETE", "GET", "PUT"))
    assert routes.match("POST", "/a/c") == Match(None, {}, ("GET", "PUT"))
    assert routes.match("POST", "/b") is None


def test_a_method_that_only_a_less_literal_route_offers_is_found_there() -> None:
    routes = table("GET /a/b", "POST /a/{x}")
    assert found(routes, "POST /a/b") == ("POST /a/{x}", {"x": "b"})


@pytest.mark.parametrize("second", ["/a/{x}", "/a/{y}"])
def test_the_first_of_two_routes_on_one_method_and_path_stays(second: str) -> None:
    routes: RouteTable[str] = RouteTable()
    assert routes.add("GET", parse_path("/a/{x}"), "first") is None
    assert routes.add("GET", parse_path(second), "second") == "first"
    assert routes.add("PUT", parse_path(second), "third") is None
    assert found(routes, "GET /a/1") == ("first", {"x": "1"})


def test_adding_one_route_twice_is_no_clash() -> None:
    routes = table("GET /a")
    assert routes.add("GET", parse_path("/a"), "GET /a") is None


def test_variables_of_one_place_may_have_names_of_their_own() -> None:
    routes = table("GET /a/{x}", "PUT /a/{y}")
    assert found(routes, "PUT /a/1") == ("PUT /a/{y}", {"y": "1"})


def test_a_path_without_its_first_slash_is_a_route_all_the_same() -> None:
    assert found(table("GET orders/{id}"), "GET /orders/7") == ("GET orders/{id}", {"id": "7"})


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_value_comes_back_from_the_segment_that_it_is_encoded_in(value: str) -> None:
    path = f"/orders/x{encode_variable('id', value)}.json"
    assert found(table("GET /orders/x{id}.json"), f"GET {path}")[1] == {"id": value}


def spanning(path: str) -> PathTemplate:
    return replace(parse_path(path), spans=True)


@pytest.mark.parametrize(
    ("path", "value", "rest"),
    [
        ("/x/a", "a", "a"),
        ("/x/a/b", "a/b", "a/b"),
        ("/x/", "", ""),
        ("/x/a%2Fb/%20", "a/b/ ", "a%2Fb/%20"),
        ("/x//a", "/a", "/a"),
    ],
)
def test_a_variable_that_spans_takes_the_rest_of_the_path(path: str, value: str, rest: str) -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add("GET", spanning("/x/{path}"), "all")
    match = routes.match("GET", path)
    assert match is not None
    assert (match.route, match.variables, match.rest) == ("all", {"path": value}, rest)


def test_it_may_be_all_of_the_path() -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add("GET", spanning("/{path}"), "all")
    match = routes.match("GET", "/a/b")
    assert match is not None
    assert match.rest == "a/b"


@pytest.mark.parametrize("path", ["/x", "/y/a", "/"])
def test_it_takes_no_other_paths(path: str) -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add("GET", spanning("/x/{path}"), "all")
    assert routes.match("GET", path) is None


def test_every_other_route_goes_before_it() -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add(ANY_METHOD, spanning("/x/{path}"), "all")
    for path in ("/x/a", "/x/{id}", "/x/{id}/b"):
        routes.add("GET", parse_path(path), path)
    found = [routes.match("GET", path) for path in ("/x/a", "/x/c", "/x/c/b", "/x/c/d")]
    assert [match.route for match in found if match] == ["/x/a", "/x/{id}", "/x/{id}/b", "all"]


def test_a_method_goes_before_any_method() -> None:
    routes: RouteTable[str] = RouteTable()
    assert routes.add(ANY_METHOD, spanning("/x/{path}"), "all") is None
    assert routes.add("GET", spanning("/x/{path}"), "get") is None
    found = [routes.match(method, "/x/a/b") for method in ("GET", "BREW")]
    assert [match.route for match in found if match] == ["get", "all"]


def test_a_method_that_a_more_literal_path_lacks_is_any_method_there() -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add(ANY_METHOD, spanning("/x/{path}"), "all")
    routes.add("GET", parse_path("/x/a"), "a")
    match = routes.match("POST", "/x/a")
    assert match is not None
    assert (match.route, match.rest) == ("all", "a")


def test_two_routes_may_span_below_one_path() -> None:
    routes: RouteTable[str] = RouteTable()
    routes.add("GET", spanning("/x/{path}"), "get")
    routes.add("PUT", spanning("/x/{path}"), "put")
    match = routes.match("PUT", "/x/a")
    assert match is not None
    assert match.route == "put"
