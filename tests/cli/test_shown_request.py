from __future__ import annotations

from dataclasses import replace

from naftiko_runtime.cli.shown_request import shown_request
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.plan.credentials import NONE, Credentials
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.secrecy import Secrecy

REQUEST = UpstreamRequest("POST", Origin("http", "::1", 8080), b"/a?b=1", (), b"\xff\x00")


def test_a_body_that_is_no_text_is_counted_not_shown() -> None:
    shown = shown_request(REQUEST, NONE, Secrecy().mask)
    assert shown.as_http() == (
        "POST /a?b=1 HTTP/1.1\nhost: [::1]:8080\ncontent-length: 2\n\n<2 bytes that are no text>"
    )
    assert shown.as_curl() == (
        "curl --request POST \\\n  'http://[::1]:8080/a?b=1' \\\n  --data-binary @FILE"
    )


def test_a_get_with_a_body_says_its_method() -> None:
    shown = shown_request(replace(REQUEST, method="GET", body=b"x"), NONE, Secrecy().mask)
    assert shown.as_curl().startswith("curl --request GET ")
    plain = shown_request(replace(REQUEST, method="GET", body=None), NONE, Secrecy().mask)
    assert plain.as_curl() == "curl \\\n  'http://[::1]:8080/a?b=1'"


def test_credentials_are_masked_in_every_place() -> None:
    credentials = Credentials(headers=((b"x-key", b"k1"),), query=("key=k2",), cookies=(b"key=k3",))
    headers = ((b"x-key", b"k1"), (b"cookie", b"a=k4; key=k3"), (b"x-other", b"k5"))
    request = replace(REQUEST, target=b"/k5?key=k2&a=1", headers=headers, body=b'{"k": "k5"}')
    shown = shown_request(request, credentials, Secrecy(["k5"]).mask)
    for text in (shown.as_http(), shown.as_curl()):
        for expected in ("/***?key=***&a=1", "x-key: ***", "cookie: a=k4; key=***", '{"k": "***"}'):
            assert expected in text
