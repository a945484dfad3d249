"""One served world per module: capabilities, an upstream that records, callers of both faces."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.end_to_end.commands import PATIENCE_SECONDS, Process, run_to_end, running
from tests.runtime.ports import free_ports
from tests.threads import serving_in_thread

_MCP_HEADERS: Final = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2025-06-18",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as upstream got it.

    Attributes:
        method: The HTTP method.
        target: Path and query as they came over the wire.
        headers: Header values by lower-case name, several of one name as a list.
        body: The body.
    """

    method: str
    target: str
    headers: dict[str, list[str]]
    body: bytes

    @property
    def path(self) -> str:
        """The path, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query as decoded pairs in order."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return the only value of a header; None where it was not sent."""
        values = self.headers.get(name.lower())
        if values is None:
            return None
        (value,) = values
        return value


@dataclass(frozen=True, slots=True)
class Reply:
    """What upstream answers on a path."""

    body: bytes = b'{"ok":true}'
    status: int = 200
    type: str | None = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    """Return an answer in JSON."""
    return Reply(json.dumps(value).encode(), status, headers=headers)


class Upstream(ThreadingHTTPServer):
    """Records what it gets; answers `{"ok":true}`, or what `replies` says for a path.

    Attributes:
        replies: Answers by path, or by `METHOD path`.
        seen: All requests in order.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.replies: dict[str, Reply] = {}
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        """Its base URI."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Upstream

    def parse_request(self) -> bool:
        ok = super().parse_request()
        if ok:
            self._answer()
            self.command = "DONE"
        return ok

    def do_DONE(self) -> None:
        """Do nothing more: the request is answered by now."""

    def _answer(self) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        seen = Seen(self.command, self.path, headers, body)
        self.server.seen.append(seen)
        replies = self.server.replies
        reply = replies.get(f"{seen.method} {seen.path}") or replies.get(seen.path) or Reply()
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.type is not None:
            self.send_header("Content-Type", reply.type)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
        """Keep the test output clean."""


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Run an upstream for as long as the block lasts."""
    with serving_in_thread(Upstream()) as server:
        yield server


@dataclass(frozen=True, slots=True)
class World:
    """Capabilities that are served, and their upstream.

    Attributes:
        client: Calls the REST port.
        mcp_url: The base URL of the MCP port.
        upstream: What they consume.
        process: What serves them.
        folder: Where the files are.
    """

    client: httpx.Client
    mcp_url: str
    upstream: Upstream
    process: Process
    folder: Path

    def rest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the REST port."""
        return self.client.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Call the REST port with GET."""
        return self.rest("GET", path, **options)

    def sent(self, method: str, path: str, **options: Any) -> Seen:
        """Call the REST port; return the one request that this sent upstream."""
        before = len(self.upstream.seen)
        response = self.rest(method, path, **options)
        assert len(self.upstream.seen) == before + 1, (response.status_code, response.text)
        return self.upstream.seen[-1]

    def refused(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the REST port; check that this sent nothing upstream."""
        before = len(self.upstream.seen)
        response = self.rest(method, path, **options)
        assert len(self.upstream.seen) == before, self.upstream.seen[before:]
        return response

    def ask(self, server: str, method: str, **params: Any) -> Any:
        """Send a JSON-RPC request to `/{server}/mcp`; return the whole answer."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        url = f"{self.mcp_url}/{server}/mcp" if server else f"{self.mcp_url}/mcp"
        return rpc_answer(self.client.post(url, json=message, headers=_MCP_HEADERS))

    def tools(self, server: str) -> dict[str, Any]:
        """Return the tools of an MCP server by name, in order."""
        return {one["name"]: one for one in self.ask(server, "tools/list")["result"]["tools"]}

    def call(self, server: str, tool: str, **arguments: Any) -> Any:
        """Call a tool; return its result."""
        answer = self.ask(server, "tools/call", name=tool, arguments=arguments)
        assert "result" in answer, answer
        return answer["result"]

    def sent_by_tool(self, server: str, tool: str, **arguments: Any) -> Seen:
        """Call a tool; return the one request that this sent upstream."""
        before = len(self.upstream.seen)
        result = self.call(server, tool, **arguments)
        assert len(self.upstream.seen) == before + 1, result
        return self.upstream.seen[-1]


def rpc_answer(response: httpx.Response) -> Any:
    """Return the JSON-RPC message of an answer, be it plain JSON or an event stream."""
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        lines = [one[5:] for one in response.text.splitlines() if one.startswith("data:")]
        return json.loads(lines[-1])
    return response.json()


def write(folder: Path, files: Mapping[str, str], url: str) -> list[Path]:
    """Write files, with `UPSTREAM` replaced; return those that are served by themselves."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text).replace("UPSTREAM", url))
    return [folder / name for name in files if re.fullmatch(r"[^/]+\.yaml", name)]


@contextmanager
def world(
    folder: Path,
    files: Mapping[str, str],
    *options: str,
    environment: Mapping[str, str] | None = None,
) -> Iterator[World]:
    """Serve files on one free REST port and one free MCP port for as long as the block lasts.

    Args:
        folder: Where the files go. Those in folders below are not served by themselves.
        files: Texts by relative path. `UPSTREAM` in them is the upstream's URL.
        options: More options of `serve`, with the same replacement.
        environment: The process's variables.
    """
    rest, mcp = free_ports(2)
    with upstream() as server:
        paths = write(folder, files, server.url)
        given = [one.replace("UPSTREAM", server.url) for one in options]
        ports = ["--rest-port", str(rest), "--mcp-port", str(mcp)]
        command = ["-m", "naftiko_runtime", "serve", *map(str, paths), *ports, *given]
        with running(command, environment or {}) as process:
            process.awaits(re.compile(f"(http://127.0.0.1:(?:{rest}|{mcp}))"))
            with httpx.Client(
                base_url=f"http://127.0.0.1:{rest}", trust_env=False, timeout=PATIENCE_SECONDS
            ) as client:
                yield World(client, f"http://127.0.0.1:{mcp}", server, process, folder)


def validate(folder: Path, files: Mapping[str, str], *options: str) -> list[dict[str, Any]]:
    """Return what `naftiko validate --format json` finds in files."""
    paths = map(str, write(folder, files, "http://upstream.test"))
    command = ["-m", "naftiko_runtime", "validate", "--format", "json", *paths, *options]
    _status, output, errors = run_to_end(command)
    assert output, errors
    found: list[dict[str, Any]] = json.loads(output)
    return found
