"""From a caller's request to the one that goes upstream."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.errors import (
    BaseUriMissing,
    CredentialMissing,
    InvalidInput,
    VariableMissing,
)
from naftiko_runtime.execute.forwarding import (
    Incoming,
    assemble_forward,
    relayed_as_coded,
    stays_inside,
)
from naftiko_runtime.execute.upstream.message import Headers, StreamedBody
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.credentials import NONE, Credentials
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.plan.resilience_levels import ResilienceReader
from tests.upstreams import pieces

AT = Position("capability.yaml", 1, 1)
PLAN = ForwardPlan(
    address="gate.all",
    target="api",
    base=BaseUri(Origin("https", "api.test", 443), "/v1"),
    trusted=frozenset({b"x-id", b"cookie", b"accept"}),
    headers=((b"x-version", b"2"),),
    query=("fixed=1",),
    cookies=(b"fixed=1",),
    own_query=frozenset({"fixed", "api key"}),
    own_cookies=frozenset({"fixed"}),
    credentials=Credentials(
        headers=((b"authorization", b"Bearer t"),),
        provides=frozenset({("header", "authorization")}),
    ),
    resilience=ResilienceReader("api", "https://api.test:443", None).of_streams,
    missing=None,
    at=AT,
)
BODY = StreamedBody(pieces(), None)


def target(rest: str | None, query: bytes = b"", plan: ForwardPlan = PLAN) -> bytes:
    return assemble_forward(plan, Incoming("GET", rest, query, (), None)).target


def headers(
    sent: Headers, body: StreamedBody | None = None, plan: ForwardPlan = PLAN
) -> dict[bytes, bytes]:
    passed = assemble_forward(plan, Incoming("POST", "a", b"", sent, body)).headers
    assert len({name for name, _ in passed}) == len(passed)
    return dict(passed)


def without_additions() -> ForwardPlan:
    nothing = frozenset[str]()
    return replace(PLAN, headers=(), query=(), cookies=(), own_query=nothing, own_cookies=nothing)


def test_method_and_origin_are_those_of_caller_and_api() -> None:
    request = assemble_forward(PLAN, Incoming("BREW", "a", b"", (), None))
    assert (request.method, request.origin) == ("BREW", Origin("https", "api.test", 443))
    assert request.body is None


@pytest.mark.parametrize(
    ("rest", "path"),
    [
        ("a", b"/v1/a"),
        ("a/b/", b"/v1/a/b/"),
        ("", b"/v1/"),
        (None, b"/v1"),
        ("a%2Fb%20c;d=e", b"/v1/a%2Fb%20c;d=e"),
        ("a//b", b"/v1/a//b"),
        ("%zz", b"/v1/%zz"),
        ("caf\xe9 <x>", b"/v1/caf%E9%20<x>"),
        ("...", b"/v1/..."),
        ("a%2500", b"/v1/a%2500"),
    ],
)
def test_the_path_goes_behind_the_base_uri_as_it_was_sent(rest: str | None, path: bytes) -> None:
    assert target(rest, plan=without_additions()) == path


@pytest.mark.parametrize(("rest", "path"), [(None, b"/"), ("", b"/"), ("a", b"/a")])
def test_a_base_uri_may_have_no_path(rest: str | None, path: bytes) -> None:
    plan = replace(without_additions(), base=BaseUri(Origin("https", "api.test", 443), ""))
    assert target(rest, plan=plan) == path


ESCAPES = [
    "..",
    ".",
    "../x",
    "a/../../x",
    "a/..",
    "%2e%2e",
    "%2e%2E/x",
    ".%2e/x",
    "a%2f..%2fx",
    "%2f..",
    "a%2F%2e%2e%2Fx",
    "..%2fx",
    "..\\x",
    "a\\..\\x",
    "..%5cx",
    "%252e%252e/x",
    "%25252e%25252e%25252fx",
    "..;/x",
    "..;a=b/x",
    "..%3b/x",
    "..%00/x",
    "..%20/x",
    "%09../x",
    "/evil.test/x",
    "%2fevil.test",
    "\\evil.test",
    "%5c%5cevil.test",
    "%2525252525252e",
]


@pytest.mark.parametrize("rest", ESCAPES)
@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_a_path_that_may_lead_elsewhere_is_refused(rest: str, prefix: str) -> None:
    plan = replace(PLAN, base=BaseUri(Origin("https", "api.test", 443), prefix))
    with pytest.raises(InvalidInput):
        target(rest, plan=plan)


@given(st.text(alphabet="./\\%2eEfF5cC;a \0", max_size=12))
def test_what_is_let_through_has_no_dots_left_to_resolve(rest: str) -> None:
    if stays_inside(rest):
        segments = rest.replace("\\", "/").split("/")
        assert not {".", ".."} & {*segments}
        assert rest[:1] not in ("/", "\\") or rest in ("/", "\\")


@pytest.mark.parametrize(
    "query",
    [b"a=1&a=2", b"b=%20+&&c", b"q=%2e%2e/;x&=", b"a[0]=\xc3\xa9".replace(b"\xc3\xa9", b"e")],
)
def test_a_query_is_kept_byte_for_byte(query: bytes) -> None:
    assert target("a", query, without_additions()) == b"/v1/a?" + query


def test_what_can_not_stand_in_a_query_is_encoded() -> None:
    assert target("a", b"q=\xff x", without_additions()) == b"/v1/a?q=%FF%20x"


@pytest.mark.parametrize("own", [b"fixed=9", b"fix%65d=9", b"api+key=x", b"api%20key", b"fixed"])
def test_parameters_that_are_not_the_callers_are_replaced(own: bytes) -> None:
    assert target("a", b"x=1&" + own + b"&y=2") == b"/v1/a?x=1&y=2&fixed=1"


def test_only_trusted_headers_are_passed_on() -> None:
    sent = ((b"x-id", b" 7 "), (b"x-other", b"8"), (b"cookie2", b"9"), (b"accept", b"text/csv"))
    passed = headers(sent)
    assert passed == {
        b"x-id": b"7",
        b"accept": b"text/csv",
        b"cookie": b"fixed=1",
        b"authorization": b"Bearer t",
        b"x-version": b"2",
        b"accept-encoding": b"identity",
        b"user-agent": passed[b"user-agent"],
    }
    assert passed[b"user-agent"].startswith(b"naftiko-runtime/")


def test_what_is_not_trusted_gets_values_that_tell_nothing() -> None:
    sent = ((b"accept-encoding", b"br"), (b"user-agent", b"spy"), (b"authorization", b"Basic x"))
    passed = headers(sent, plan=replace(PLAN, trusted=frozenset()))
    assert passed[b"accept"] == b"*/*"
    assert passed[b"accept-encoding"] == b"identity"
    assert passed[b"authorization"] == b"Bearer t"
    assert b"spy" not in passed.values()


def test_what_connection_names_ends_here_though_it_be_trusted() -> None:
    sent = ((b"x-id", b"7"), (b"connection", b"close, X-Id"))
    assert b"x-id" not in headers(sent)


ABOUT_THE_BODY = ((b"content-type", b"text/csv"), (b"content-encoding", b"gzip"))


def test_a_body_keeps_what_tells_how_to_read_it() -> None:
    passed = headers(ABOUT_THE_BODY, BODY)
    assert tuple((name, passed[name]) for name, _ in ABOUT_THE_BODY) == ABOUT_THE_BODY


def test_without_a_body_nothing_tells_how_to_read_it() -> None:
    assert not {b"content-type", b"content-encoding"} & headers(ABOUT_THE_BODY).keys()


def test_a_trusted_header_that_comes_twice_is_passed_on_twice() -> None:
    sent = ((b"x-id", b"1"), (b"x-id", b"2"))
    passed = assemble_forward(PLAN, Incoming("GET", "a", b"", sent, None)).headers
    assert [value for name, value in passed if name == b"x-id"] == [b"1", b"2"]


def test_trusted_cookies_are_joined_with_those_of_the_api() -> None:
    sent = ((b"cookie", b"a=1; fixed=9"), (b"cookie", b"b=2"))
    assert headers(sent)[b"cookie"] == b"fixed=1; a=1; b=2"


def test_a_trusted_header_goes_before_the_fixed_one() -> None:
    plan = replace(PLAN, trusted=frozenset({b"x-version"}))
    assert headers(((b"x-version", b"3"),), plan=plan)[b"x-version"] == b"3"


def test_a_trusted_credential_of_the_caller_goes_before_the_configured_one() -> None:
    plan = replace(PLAN, trusted=frozenset({b"authorization"}))
    assert headers(((b"authorization", b"Basic x"),), plan=plan)[b"authorization"] == b"Basic x"


def test_a_control_character_in_a_header_is_refused() -> None:
    with pytest.raises(InvalidInput) as raised:
        headers(((b"x-id", b"a\x01b"),))
    assert raised.value.problems[0].pointer == "/x-id"


GONE = Variable("TOKEN", None, "set TOKEN")


def test_a_missing_credential_is_told_of() -> None:
    plan = replace(PLAN, credentials=replace(PLAN.credentials, missing=(GONE,)))
    with pytest.raises(CredentialMissing, match="TOKEN"):
        target("a", plan=plan)


def test_a_caller_may_bring_the_missing_credential_if_it_is_trusted() -> None:
    credentials = replace(PLAN.credentials, missing=(GONE,))
    plan = replace(PLAN, trusted=frozenset({b"authorization"}), credentials=credentials)
    assert headers(((b"authorization", b"Bearer x"),), plan=plan)[b"authorization"] == b"Bearer x"


def test_a_missing_base_uri_is_told_of() -> None:
    with pytest.raises(BaseUriMissing, match="api"):
        target("a", plan=replace(PLAN, base=MissingBaseUri("api", "")))


def test_a_fixed_parameter_without_a_value_is_told_of() -> None:
    with pytest.raises(VariableMissing, match="X has none"):
        target("a", plan=replace(PLAN, missing="X has none"))


def test_without_authentication_nothing_is_added() -> None:
    plan = replace(PLAN, credentials=NONE)
    assert b"authorization" not in headers(((b"authorization", b"Basic x"),), plan=plan)


def test_an_answer_keeps_what_tells_how_to_read_its_body() -> None:
    received = (
        (b"content-type", b"text/csv"),
        (b"content-length", b"5"),
        (b"content-encoding", b"br"),
        (b"content-range", b"bytes 0-4/9"),
        (b"set-cookie", b"a=1"),
        (b"server", b"x"),
        (b"etag", b'"e"'),
    )
    assert relayed_as_coded(received) == (*received[:4], received[6])
