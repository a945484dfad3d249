"""No credential and nothing of a caller's arrives where it was not declared to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnreachable
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.observe import LogFormat
from tests.leaks.canaries import ALLOWED, APIS, arrived, canaries_in, friendly, strays
from tests.leaks.faces import Respond, world
from tests.upstreams import answer

UNITS = (*APIS, "steps")
DECLARED = {(canary, host) for canary, hosts in ALLOWED.items() for host in hosts}


def _at_hosts(otherwise: Callable[[UpstreamRequest], UpstreamResponse]) -> Respond:
    """Let the APIs answer differently, but for the first answers of digest and login."""

    def respond(request: UpstreamRequest) -> UpstreamResponse:
        usual = friendly(request)
        if request.origin.host == "login.test" or usual.status == 401:
            return usual
        return otherwise(request)

    return respond


def _raising(error: Exception) -> Respond:
    def fail(_: UpstreamRequest) -> UpstreamResponse:
        raise error

    return fail


def _crash(request: UpstreamRequest) -> UpstreamResponse:
    raise RuntimeError(f"a fault of the runtime's own: {request!r} {request.target!r}")


def _redirect(status: int) -> Respond:
    locations = (
        b"https://evil.test/take?it=1",
        b"//evil.test/take",
        b"http://bearer.test/v1/things/2",
        b"/v1/things/3",
    )
    headers = tuple((b"location", one) for one in locations)
    return lambda _: answer({}, status, (*headers, (b"refresh", b"0; url=https://evil.test/")))


MODES: dict[str, Respond] = {
    "success": friendly,
    **{f"redirect {status}": _at_hosts(_redirect(status)) for status in (301, 302, 303, 307, 308)},
    "refused": _at_hosts(lambda _: answer({"error": "no"}, 401)),
    "failed": _at_hosts(lambda _: answer({"error": "no"}, 500)),
    "empty": _at_hosts(lambda _: UpstreamResponse(204, (), b"")),
    "garbage": _at_hosts(lambda _: UpstreamResponse(200, (), b"\xff<html>")),
    "cookies": _at_hosts(lambda _: answer({}, 200, ((b"set-cookie", b"a=b; Domain=.test"),))),
    "timeout": _at_hosts(_raising(UpstreamTimeout("too slow"))),
    "unreachable": _at_hosts(_raising(UpstreamUnreachable("nobody there"))),
    "no http": _at_hosts(_raising(UpstreamProtocolError("no HTTP"))),
    "crash": _at_hosts(_crash),
    "login fails": lambda r: (
        answer({"error": "invalid_grant"}, 400) if r.origin.host == "login.test" else friendly(r)
    ),
    "login crashes": lambda r: _crash(r) if r.origin.host == "login.test" else friendly(r),
}


async def test_each_credential_arrives_exactly_where_it_is_declared_to() -> None:
    async with world(friendly) as here:
        for name in APIS:
            await here.rest(f"/{name}/1")
        assert arrived(here.upstream.requests) == DECLARED


@pytest.mark.parametrize("log_format", ["console", "json"])
@pytest.mark.parametrize("mode", MODES)
async def test_nothing_arrives_elsewhere_and_nobody_sees_it(
    mode: str, log_format: LogFormat
) -> None:
    async with world(MODES[mode], log_format) as here:
        seen = [await here.rest("/steps"), await here.tool("steps")]
        for name in APIS:
            seen += [await here.rest(f"/{name}/1"), await here.tool(name)]
            seen.append(await here.forward(name))
        assert strays(here.upstream.requests) == set()
        assert "evil.test" not in {one.origin.host for one in here.upstream.requests}
        assert canaries_in(*seen) == set()
        assert canaries_in(here.logs.getvalue()) == set()
        assert here.logs.getvalue().count("/bearer/1") >= 1


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.startswith("redirect")])
async def test_redirects_are_answers_and_not_followed(mode: str) -> None:
    async with world(MODES[mode]) as here:
        seen = await here.rest("/header/1")
        assert seen.startswith(mode.removeprefix("redirect "))
        assert len(here.upstream.requests) == 1


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/docs", "/healthz", "/nothing", "/bearer", "/bearer/%00"]
)
async def test_pages_show_nothing(path: str) -> None:
    async with world(friendly) as here:
        seen = await here.rest(path)
        assert canaries_in(seen.replace("%00", ""), here.logs.getvalue()) == set()


@pytest.mark.parametrize("mode", MODES)
async def test_the_management_port_shows_nothing(mode: str) -> None:
    async with world(MODES[mode]) as here:
        for name in APIS:
            await here.rest(f"/{name}/1")
            await here.tool(name)
            await here.forward(name)
        told = [await here.rest(path) for path in ("/status", "/health/ready", "/scripting")]
        metrics = await here.rest("/metrics")
        assert canaries_in(*told, metrics) == set()
        assert 'naftiko_operation_id="tools.bearer"' in metrics


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/list", {}),
        ("server/discover", {}),
        ("tools/call", {"name": "nothing", "arguments": {}}),
        ("tools/call", {"name": "bearer", "arguments": {"id": "1", "Authorization": "x"}}),
        ("tools/call", {"name": "query", "arguments": {"id": "1", "api_key": "x"}}),
        ("resources/list", {}),
        ("no/such/method", {}),
    ],
)
async def test_protocol_answers_show_nothing(method: str, params: dict[str, object]) -> None:
    async with world(friendly) as here:
        assert canaries_in(await here.mcp(method, params), here.logs.getvalue()) == set()
        assert strays(here.upstream.requests) == set()


async def test_a_forward_brings_the_apis_credential_and_nothing_of_the_callers() -> None:
    async with world(friendly) as here:
        for name in APIS:
            assert (await here.forward(name)).startswith("200 ")
        of_operations = {one for one in DECLARED if one[1] == "open.test"}
        assert arrived(here.upstream.requests) == DECLARED - of_operations


async def test_a_caller_who_is_refused_reaches_nobody() -> None:
    async with world(friendly) as here:
        response = await here.caller.get("/bearer/1", headers={"authorization": "Bearer wrong"})
        assert response.status_code == 401
        assert not here.upstream.requests
