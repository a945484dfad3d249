"""The pooled HTTP/1.1 client: asyncio protocols, keep-alive, and a parser in C.

    PooledClient      one request after the other, each to the pool of its origin
    └── Pool          the connections to one origin: idle ones, waiting requests, the limit
        └── Connection      one socket, one exchange at a time, one timer
            ├── ResponseReader    bytes in, one complete answer out
            └── StreamedExchange  or both bodies in pieces, with a task that sends

A request that finds an idle connection costs one write, one future and one wake-up.
"""

from naftiko_runtime.execute.upstream.pooled.client import PooledClient

__all__ = ["PooledClient"]
