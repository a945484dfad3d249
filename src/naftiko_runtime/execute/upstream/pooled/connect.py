"""Opens a connection, TLS included, and says what can go wrong with that."""

from __future__ import annotations

import asyncio
import socket
import ssl

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.failures import connect_failure
from naftiko_runtime.execute.upstream.pooled.race import connected_socket
from naftiko_runtime.execute.upstream.trust import server_name
from naftiko_runtime.plan.origins import Origin


async def connect(
    origin: Origin, trust: ssl.SSLContext | None, protocol: asyncio.Protocol, seconds: float
) -> None:
    """Connect to an origin.

    Args:
        origin: Where to.
        trust: How TLS is done; None where it is not.
        protocol: The connection's. Where an error or a cancellation ends this, uvloop may have told
            it that it stands, and never tells it that it is lost.
        seconds: How long all of it may take.

    Raises:
        UpstreamTimeout: It takes longer.
        UpstreamUnreachable: It can not be done.
    """
    try:
        async with asyncio.timeout(seconds):
            await _connect(origin, trust, protocol)
    except TimeoutError as error:
        detail = "The upstream API could not be connected to in time."
        raise UpstreamTimeout(detail, unsent=True) from error
    except OSError as error:
        raise connect_failure(error) from error


async def _connect(
    origin: Origin, trust: ssl.SSLContext | None, protocol: asyncio.Protocol
) -> None:
    connected = await connected_socket(origin.host, origin.port)
    name = server_name(origin) if trust else None
    try:
        await asyncio.get_running_loop().create_connection(
            lambda: protocol, sock=connected, ssl=trust, server_hostname=name
        )
    except BaseException:
        _give_up(connected)
        raise


def _give_up(taken: socket.socket) -> None:
    """Let go of a socket that a transport has taken and closes.

    asyncio's transport closes the object. uvloop's closes the descriptor, late, and knows nothing
    of the object: closed here as well, its number might by then be that of another connection.
    """
    if isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop):
        taken.close()
    else:
        taken.detach()
