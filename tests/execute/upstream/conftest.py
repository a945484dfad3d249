"""The clients under contract, and servers for them to talk to."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.execute.upstream.certificates import Authority
from tests.execute.upstream.contract import CONTENDERS, Clients, Contender
from tests.execute.upstream.scripted_server import Script, ScriptedServer, Serve


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment's proxies out of tests that do not set any."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=CONTENDERS, ids=lambda contender: contender.name)
def contender(request: pytest.FixtureRequest) -> Contender:
    """Give each client in turn."""
    chosen = request.param
    assert isinstance(chosen, Contender)
    return chosen


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Run on the event loop that the client under contract asks for."""
    uvloop = "contender" in request.fixturenames and request.getfixturevalue("contender").uvloop
    return "asyncio", {"use_uvloop": uvloop}


@pytest.fixture
async def clients(contender: Contender) -> AsyncIterator[Clients]:
    """Make clients of the kind under contract."""
    clients = Clients(contender)
    yield clients
    for client in clients.made:
        await client.aclose()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers that end with the test."""
    started: list[ScriptedServer] = []

    async def start(
        script: Script, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> ScriptedServer:
        server = ScriptedServer(script)
        await server.start(host, tls)
        started.append(server)
        return server

    yield start
    for server in started:
        await server.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give a certificate authority that nobody else trusts."""
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give another one."""
    return Authority.create(tmp_path_factory.mktemp("other-authority"))
