"""What wrk is told, and what it says."""

from __future__ import annotations

from benchmarks import load
from benchmarks.load import Load, Request

SAID = """\
Running 1s test @ http://127.0.0.1:8080/
  Latency Distribution
     50%  445.00us
     99%    7.62ms
  1337 requests in 1.00s, 3.10MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 3
Requests/sec:   1336.90
"""


def test_what_wrk_says_is_read() -> None:
    assert load._read(SAID) == Load(1336.9, 445e-6, 7.62e-3, 1337, 6)


def test_a_request_with_a_body_is_a_post_with_its_headers() -> None:
    request = Request("http://a.test/", b'{"a": "\\n"}', {"accept": "*/*"})
    assert request.script().splitlines() == [
        'wrk.method = "POST"',
        'wrk.body = "{\\"a\\": \\"\\\\n\\"}"',
        'wrk.headers["accept"] = "*/*"',
    ]
