"""Between the engine and the network: what happens when upstream is slow, busy or broken.

    Sender            attempts, with pauses between them, within one deadline
    └── Gate          what a request has to pass before it goes out, each time
        ├── Throttle      how many go out in a time, how many wait
        ├── Bulkhead      how many run at once, how many wait
        └── Breaker       whether the origin is to be left alone

Who waits for a token or a place is in a line (`Waiting`), where callers take turns.

A request to a healthy upstream passes its gate with a few attribute reads: nothing is awaited,
locked or entered on its way.
"""

from naftiko_runtime.execute.resilience.sender import Sender

__all__ = ["Sender"]
