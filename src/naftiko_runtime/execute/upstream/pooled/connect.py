"""Opens a connection, TLS included, and says what can go wrong with that."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TypeVar

from naftiko_runtime.errors import UpstreamTimeout
from naftiko_runtime.execute.upstream.failures import connect_failure
from naftiko_runtime.execute.upstream.message import Origin
from naftiko_runtime.execute.upstream.pooled.race import connected_socket

P = TypeVar("P", bound=asyncio.Protocol)


async def connect(
    origin: Origin, trust: ssl.SSLContext | None, protocol: Callable[[], P], seconds: float
) -> P:
    """Connect to an origin.

    Args:
        origin: Where to.
        trust: How TLS is done; None where it is not.
        protocol: Makes the connection's protocol.
        seconds: How long all of it may take.

    Raises:
        UpstreamTimeout: It takes longer.
        UpstreamUnreachable: It can not be done.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _connect(origin, trust, protocol)
    except TimeoutError as error:
        raise UpstreamTimeout("The upstream API could not be connected to in time.") from error
    except OSError as error:
        raise connect_failure(error) from error


async def _connect(origin: Origin, trust: ssl.SSLContext | None, protocol: Callable[[], P]) -> P:
    connected = await connected_socket(origin.host, origin.port)
    try:
        _, connection = await asyncio.get_running_loop().create_connection(
            protocol, sock=connected, ssl=trust, server_hostname=origin.host if trust else None
        )
    except BaseException:
        connected.close()
        raise
    return connection
