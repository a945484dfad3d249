"""Host and Origin on loopback: section 9 of the behaviour."""

from __future__ import annotations

from typing import Any

import pytest

from naftiko_runtime.expose.mcp.guard import Guard


def _scope(
    headers: list[tuple[bytes, bytes]], server: tuple[str, int | None] | None
) -> dict[str, Any]:
    return {"type": "http", "headers": headers, "server": server}


def _status(
    headers: list[tuple[bytes, bytes]],
    server: tuple[str, int | None] | None = ("127.0.0.1", 9090),
    guard: Guard | None = None,
) -> int | None:
    refusal = (guard or Guard()).refusal(_scope(headers, server))
    return None if refusal is None else refusal.status_code


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:9090", "127.0.0.1:1", "127.1.2.3", "[::1]", "[::1]:80", "a.localhost"],
)
def test_names_of_loopback_pass(host: str) -> None:
    assert _status([(b"host", host.encode())]) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test:9090",
        "192.168.0.1",
        "[::2]",
        "localhost:80@evil.test",
        "localhost:http",
        "evillocalhost",
        "",
        "[::1",
    ],
)
def test_other_names_do_not_pass(host: str) -> None:
    assert _status([(b"host", host.encode())]) == 421


def test_every_host_header_has_to_pass() -> None:
    assert _status([]) == 421
    assert _status([(b"host", b"localhost"), (b"host", b"evil.test")]) == 421


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:6274", None),
        ("https://127.0.0.1", None),
        ("http://[::1]:3000", None),
        ("http://evil.test", 403),
        ("http://localhost.evil.test", 403),
        ("http://localhost@evil.test", 403),
        ("null", 403),
        ("", 403),
        ("file://", 403),
        ("localhost", 403),
    ],
)
def test_pages_of_this_machine_pass_and_others_do_not(origin: str, status: int | None) -> None:
    headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
    assert _status(headers) == status


def test_more_can_be_let_through() -> None:
    guard = Guard(frozenset({"mcp.test"}), frozenset({"app://desk"}))
    headers = [(b"host", b"MCP.test"), (b"origin", b"app://desk")]
    assert _status(headers, guard=guard) is None
    assert _status(headers) == 421


@pytest.mark.parametrize("server", [("127.0.0.1", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)])
def test_loopback_is_checked_however_it_is_written(server: tuple[str, int]) -> None:
    assert _status([(b"host", b"evil.test")], server) == 421


@pytest.mark.parametrize("server", [("192.168.0.1", 1), ("2001:db8::1", 1), ("/run/s", None), None])
def test_elsewhere_nothing_is_checked(server: tuple[str, int | None] | None) -> None:
    assert _status([(b"host", b"evil.test"), (b"origin", b"http://evil.test")], server) is None
