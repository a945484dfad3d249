"""The contract: connections that can not be made."""

from __future__ import annotations

import errno
import socket

import pytest

from naftiko_runtime.errors import UpstreamUnreachable
from naftiko_runtime.execute.upstream.failures import connect_failure
from naftiko_runtime.plan.origins import Origin
from tests.execute.upstream.certificates import Authority
from tests.execute.upstream.contract import Clients, request_to, soon
from tests.execute.upstream.scripted_server import OK, Serve, answering


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EMFILE, "Too many open files")


async def test_a_refused_connection_is_unreachable(clients: Clients) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = Origin("http", "127.0.0.1", unused.getsockname()[1])
        with pytest.raises(UpstreamUnreachable, match="could not be connected to") as caught:
            await clients().send(request_to(origin), soon())
    assert (caught.value.unsent, caught.value.lasting) == (True, False)


async def test_without_descriptors_it_is_this_side_that_is_at_fault(
    clients: Clients, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client = await serve(answering(OK)), clients(verify=authority.trusting())
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", _refuse)
        with pytest.raises(UpstreamUnreachable, match="may open no more files") as caught:
            await client.send(request_to(server), soon())
    assert (caught.value.unsent, caught.value.elsewhere) == (True, True)
    assert (await client.send(request_to(server), soon())).status == 200


async def test_without_descriptors_no_name_is_said_not_to_be_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert "not known" in str(connect_failure(unknown).detail)
    monkeypatch.setattr(socket, "socket", _refuse)
    failure = connect_failure(unknown)
    assert "may open no more files" in str(failure.detail)
    assert failure.elsewhere


async def test_an_unknown_host_is_unreachable(clients: Clients) -> None:
    with pytest.raises(UpstreamUnreachable, match="host name is not known"):
        await clients().send(request_to(Origin("http", "nowhere.invalid", 80)), soon())
