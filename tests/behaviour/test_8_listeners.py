"""Section 8: listeners, and what shares them."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.behaviour.world import World, world, write
from tests.end_to_end.commands import PATIENCE_SECONDS, running
from tests.runtime.ports import free_ports

_CAPABILITY = """
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - {type: http, namespace: api, baseUri: UPSTREAM/NAME, resources: [
      {name: x, path: /x, operations: [{name: get-x, method: GET}]}]}
  exposes:
  - type: rest
    namespace: NAME-rest
    resources:
    - {path: /s8/NAME, operations: [{name: x, method: GET, call: api.get-x}]}
    - {path: /s8/clash, operations: [{name: clash, method: GET, call: api.get-x}]}
    MORE
  - type: mcp
    namespace: NAME-mcp
    tools:
    - {name: same, description: Same, call: api.get-x}
    - {name: only-NAME, description: Only, call: api.get-x}
"""


def _capability(name: str, more: str = "") -> str:
    return _CAPABILITY.replace("NAME", name).replace("MORE", more)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    own = "- {path: /healthz, operations: [{name: healthz, method: GET, call: api.get-x}]}"
    files = {"one.yaml": _capability("one", own), "two.yaml": _capability("two")}
    with world(tmp_path_factory.mktemp("listeners"), files) as one:
        yield one


def test_8_routes_of_several_capabilities_are_merged(served: World) -> None:
    assert served.sent("GET", "/s8/one").path == "/one/x"
    assert served.sent("GET", "/s8/two").path == "/two/x"


def test_8_a_clash_of_routes_names_both_places(served: World) -> None:
    assert served.sent("GET", "/s8/clash").path == "/one/x"
    assert re.search(r"route-clash(.|\n)*two\.yaml:\d+(.|\n)*one\.yaml:\d+", served.process.stderr)


def test_8_a_capabilitys_own_route_always_wins(served: World) -> None:
    assert served.sent("GET", "/healthz").path == "/one/x"
    assert served.get("/openapi.json").json()["openapi"].startswith("3.")
    assert served.get("/docs").status_code == 200


def test_8_each_mcp_adapter_lives_at_its_namespace(served: World) -> None:
    assert list(served.tools("one-mcp")) == ["same", "only-one"]
    assert served.sent_by_tool("two-mcp", "same").path == "/two/x"


def test_8_all_tools_of_a_port_are_together_with_prefixes_where_they_clash(served: World) -> None:
    names = list(served.tools(""))
    assert len(names) == 4
    assert "only-one" in names
    assert "only-two" in names
    (of_two,) = [one for one in names if one.startswith("two-mcp") and one.endswith("same")]
    assert served.sent_by_tool("", of_two).path == "/two/x"


def test_8_the_root_serves_mcp_too(served: World) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    response = served.client.post(f"{served.mcp_url}/", json=message, headers=headers)
    assert response.status_code == 200
    assert "only-two" in response.text


def test_8_an_adapter_without_an_address_is_on_loopback(served: World) -> None:
    port = served.client.base_url.port
    assert port is not None
    with pytest.raises(OSError, match=r".+"):
        socket.create_connection(("127.0.0.2", port), timeout=0.2)


def test_8_no_docs_and_free_ports_and_the_banner(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"one.yaml": _capability("one")}, "http://127.0.0.1:9")
    command = ["-m", "naftiko_runtime", "serve", str(path), "--no-docs"]
    with running([*command, "--rest-port", "0", "--mcp-port", "0"], {}) as process:
        rest = process.awaits(re.compile(r"REST +(http://127\.0\.0\.1:\d+)"))
        mcp = process.awaits(re.compile(r"MCP +(http://127\.0\.0\.1:\d+)/\S*mcp\b"))
        for missing in ["/docs", "/openapi.json", "/healthz"]:
            found = httpx.get(rest + missing, trust_env=False, timeout=PATIENCE_SECONDS)
            assert found.status_code == 404
        assert mcp != rest
        process.terminate()
        assert process.wait() == 0


def test_8_a_port_in_use_is_an_error_and_nothing_is_started(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"one.yaml": _capability("one")}, "http://127.0.0.1:9")
    (free,) = free_ports(1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = ["-m", "naftiko_runtime", "serve", str(path)]
        ports = ["--rest-port", str(free), "--mcp-port", port]
        with running([*command, *ports], {}) as process:
            assert process.wait() == 1
            said = process.stdout + process.stderr
    assert port in said
    assert "port-in-use" in said
    assert "one.yaml" in said
