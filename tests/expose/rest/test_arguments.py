"""What callers send outside of the body. Section 4.5 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expose.rest.driving import one_route


@pytest.mark.parametrize(
    ("segment", "sent"),
    [
        ("7", b"7"),
        ("a%20b", b"a%20b"),
        ("a%2Fb", b"a%2Fb"),
        ("%C3%A9", b"%C3%A9"),
        ("x:y", b"x%3Ay"),
    ],
)
def test_path_variables_are_decoded_and_encoded_again(
    tmp_path: Path, segment: str, sent: bytes
) -> None:
    server = one_route(tmp_path, method="GET", path="/things/{id}")
    assert server.ask("GET", f"/things/{segment}").status == 200
    assert server.request.target == b"/api/things/" + sent


def test_a_path_variable_that_would_change_the_path_is_refused(tmp_path: Path) -> None:
    server = one_route(tmp_path, method="GET", path="/things/{id}")
    assert list(server.ask("GET", "/things/%2e%2e").problems) == ["/id"]
    assert not server.client.requests


def test_several_variables_in_one_segment(tmp_path: Path) -> None:
    server = one_route(tmp_path, method="GET", path="/{owner}.{name}/v{version}.json")
    server.ask("GET", "/ann.box/v2.json")
    assert server.request.target == b"/api/ann.box/v2.json"


def test_query_values_are_converted_and_all_problems_reported_at_once(tmp_path: Path) -> None:
    inputs = ("name: limit, in: query, type: integer", "name: on, in: query, type: boolean")
    server = one_route(tmp_path, *inputs, method="GET")
    assert server.ask("GET", "/things?limit=5&on=true").status == 200
    assert server.request.target == b"/api/things?limit=5&on=true"
    problems = server.ask("GET", "/things?limit=abc&on=maybe").problems
    assert problems == {
        "/limit": "'limit' has to be an integer, not 'abc'",
        "/on": "'on' has to be true or false, not 'maybe'",
    }


def test_deep_objects_and_repeated_names(tmp_path: Path) -> None:
    inputs = ("name: p, in: query, type: object", "name: t, in: query, type: array")
    server = one_route(tmp_path, *inputs, method="GET")
    server.ask("GET", "/things?p[table]=users&p[table]=orders&t=1&t=2")
    assert server.request.target == b"/api/things?p%5Btable%5D=users&p%5Btable%5D=orders&t=1&t=2"


def test_an_unreadable_query_is_reported_with_an_unreadable_body(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: q, in: query", "name: n, in: body")
    problems = server.ask("POST", "/things?q=%FF", b"{", content_type="application/json").problems
    assert set(problems) == {"/q", ""}


def test_headers_are_found_whatever_their_case_and_joined_where_repeated(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: X-Tags, in: header", "name: X-Other, in: header")
    server.ask("POST", "/things", headers=((b"x-tags", b"a"), (b"x-tags", b"b")))
    assert server.sent_header("x-tags") == "a, b"
    assert server.sent_header("x-other") is None


def test_header_names_with_underscores_may_arrive_with_dashes(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: trace_id, in: header")
    server.ask("POST", "/things", headers={"Trace-Id": "t1"})
    assert server.sent_header("trace_id") == "t1"


@pytest.mark.parametrize("value", [b"caf\xc3\xa9", b"caf\xe9"])
def test_header_values_are_text_in_either_encoding(tmp_path: Path, value: bytes) -> None:
    server = one_route(tmp_path, "name: X-Word, in: header")
    server.ask("POST", "/things", headers=((b"x-word", value),))
    assert server.sent_header("x-word") == "café"


def test_an_array_in_a_header_is_split_at_commas(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: X-Ids, in: header, type: array, items: {type: integer}")
    server.ask("POST", "/things", headers={"X-Ids": "1, 2"})
    assert server.sent_header("x-ids") == "1,2"


@pytest.mark.parametrize(("sent", "passed_on"), [("*/*", "application/json"), ("a/b", "a/b")])
def test_accept_anything_counts_as_not_sent(tmp_path: Path, sent: str, passed_on: str) -> None:
    server = one_route(tmp_path, "name: Accept, in: header")
    server.ask("POST", "/things", headers={"Accept": sent})
    assert server.sent_header("accept") == passed_on


def test_a_required_header_that_is_missing_is_named(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: X-Version, in: header, required: true")
    problems = server.ask("POST", "/things").problems
    assert problems == {"/X-Version": "'X-Version' is required in the header"}


def test_cookies_are_found_and_decoded(tmp_path: Path) -> None:
    server = one_route(tmp_path, "name: session, in: cookie", "name: none, in: cookie")
    cookies = (
        (b"cookie", b"a=b; session=x%20y; session=z; junk"),
        (b"x-other", b"session=no"),
        (b"cookie", b'q="1"'),
    )
    server.ask("POST", "/things", headers=cookies)
    assert server.sent_header("cookie") == "session=x%20y"


def test_nothing_of_the_callers_is_passed_on_that_is_no_input(tmp_path: Path) -> None:
    server = one_route(tmp_path)
    server.ask("POST", "/things?q=1", b"{}", {"Authorization": "Bearer x", "Cookie": "a=b"})
    assert server.request.target == b"/api/things"
    assert server.request.body is None
    names = {name for name, _ in server.request.headers}
    assert names == {b"accept", b"user-agent", b"accept-encoding"}


def test_a_body_that_no_input_takes_is_not_read(tmp_path: Path) -> None:
    server = one_route(tmp_path, method="GET")
    assert server.ask("GET", "/things", b"{", content_type="application/json").status == 200
    assert server.pieces_read == 0
