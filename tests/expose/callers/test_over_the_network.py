"""The seam to the network between this server and an authorization server: a real client."""

from __future__ import annotations

from naftiko_runtime.errors import CallerUnverifiable
from naftiko_runtime.execute.upstream.clients import RoutedClient
from naftiko_runtime.expose.callers import AUTHORIZATION_SERVER_LIMITS, Callers
from tests.expose.callers.identity_server import IdentityServer, by_keys, listening
from tests.expose.callers.requests import admitted, bearing, refused


async def test_keys_come_over_the_network() -> None:
    identity = IdentityServer()
    callers = Callers(RoutedClient(AUTHORIZATION_SERVER_LIMITS))
    async with listening(identity) as issuer:
        admission = callers.admission(by_keys(server=issuer))
        caller = await admitted(admission, bearing(identity.token(iss=issuer)))
        assert caller.name == "ada"
        await callers.aclose()


async def test_an_answer_that_is_too_large_is_not_read() -> None:
    identity = IdentityServer(published=["x" * 300_000])
    callers = Callers(RoutedClient(AUTHORIZATION_SERVER_LIMITS))
    async with listening(identity) as issuer:
        admission = callers.admission(by_keys(server=issuer))
        error = await refused(admission, bearing(identity.token(iss=issuer)))
        assert isinstance(error, CallerUnverifiable)
        await callers.aclose()
