"""Callers that never stop calling, and what went wrong for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import httpx

from tests.end_to_end.commands import PATIENCE_SECONDS

_CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "steady", "arguments": {}},
}
_HEADERS = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}


@dataclass(slots=True)
class Calls:
    """What callers have seen.

    Attributes:
        answered: How many calls were answered as they should be.
        failures: What else happened.
    """

    answered: int = 0
    failures: list[str] = field(default_factory=list)


@contextmanager
def calling(rest: str, mcp: str) -> Iterator[Calls]:
    """Call the route `/steady` and the tool `steady` until the block ends.

    Args:
        rest: The base URL of the REST server.
        mcp: The URL of the MCP server.
    """
    calls, over = Calls(), Event()

    def get(client: httpx.Client) -> httpx.Response:
        return client.get(f"{rest}/steady")

    def call(client: httpx.Client) -> httpx.Response:
        return client.post(mcp, json=_CALL, headers=_HEADERS)

    threads = [Thread(target=_loop, args=(one, calls, over)) for one in (get, call)]
    for thread in threads:
        thread.start()
    try:
        yield calls
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)


def _loop(ask: Callable[[httpx.Client], httpx.Response], calls: Calls, over: Event) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        while not over.is_set():
            try:
                response = ask(client)
            except httpx.HTTPError as error:
                calls.failures.append(repr(error))
                continue
            if response.status_code == 200 and "steady" in response.text:
                calls.answered += 1
            else:
                calls.failures.append(f"{response.status_code} {response.text}")
