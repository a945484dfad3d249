from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.terminals import shown_by, terminal
from tests.threads import serving_in_thread

ANSWERS = {
    "/orders": (200, "application/json", b'{"orders":[{"id":1,"name":"\xc3\xa9"}]}'),
    "/orders/text": (200, "text/plain", b"a\x1b[31mb\nc"),
    "/orders/binary": (200, "image/png", b"\x89PNG"),
    "/orders/missing": (404, "application/json", b'{"error":"none"}'),
    "/orders/odd": (299, "", b""),
}


class Shop(BaseHTTPRequestHandler):
    """Answers what `ANSWERS` says."""

    def do_GET(self) -> None:
        status, content_type, body = ANSWERS[self.path.partition("?")[0]]
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the tests' output clean."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with serving_in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Shop)) as server:
        yield f"shop=http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


KEYS = ("--var", "SHOP_KEY=s3cret", "--var", "REGION=eu")


def test_a_pipe_gets_the_answer_untouched(run: Run, shop: Path, upstream: str) -> None:
    result = run("call", shop, "list", *KEYS, "--base-uri", upstream)
    assert result.exit_code == 0
    assert result.stdout_bytes == ANSWERS["/orders"][2]
    assert result.stderr == ""


def test_an_error_of_upstream_is_shown_and_fails_the_command(
    run: Run, shop: Path, upstream: str
) -> None:
    result = run("call", shop, "get", "--arg", "id=missing", *KEYS, "--base-uri", upstream)
    assert result.exit_code == 1
    assert result.stdout_bytes == b'{"error":"none"}'
    assert result.stderr.startswith("404 Not Found  application/json  16 bytes  ")


def test_fixed_answers_need_no_upstream(run: Run, shop: Path) -> None:
    result = run("call", shop, "motd")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"text": "Welcome"})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["get", "--arg", "id=1"], "error[upstream-credential-missing]: the credential SHOP_KEY"),
        (["levels"], "error[base-uri-missing]: the base URI of 'stock' is not complete"),
        (["list", *KEYS, "--arg", "limit=x"], "error[input-invalid]: 'limit'"),
        (["list", *KEYS, "--base-uri", "shop=http://127.0.0.1:1"], "error[upstream-unreachable]"),
    ],
)
def test_a_call_that_fails_says_why(run: Run, shop: Path, words: list[str], message: str) -> None:
    result = run("call", shop, *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize(
    ("order", "status_line", "body"),
    [
        ("text", "200 OK  text/plain  9 bytes", "a\\x1b[31mb\nc\n"),
        ("binary", "200 OK  image/png  4 bytes", "<4 bytes that are no text; write them to a"),
        ("odd", "299  0 bytes", "\n"),
        ("missing", "404 Not Found", '{\n  "error": "none"\n}\n'),
    ],
)
def test_a_terminal_gets_it_laid_out(
    shop: Path, tmp_path: Path, upstream: str, order: str, status_line: str, body: str
) -> None:
    words = [sys.executable, "-m", "naftiko_runtime", "call", str(shop), "get"]
    words += ["--arg", f"id={order}", *KEYS, "--base-uri", upstream]
    with terminal() as (person, theirs):
        process = subprocess.run(
            words,
            cwd=tmp_path,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "TERM": "dumb"},
        )
        assert shown_by(person, body).startswith(body)
    assert process.stderr.startswith(status_line)
