"""Why a scheme does not let a caller pass."""

from __future__ import annotations

from naftiko_runtime.expose.callers.caller import Caller


class Refusal(Exception):
    """A caller may not pass.

    Attributes:
        reason: Why, for the log and where a standard wants it for the caller: a fixed text that
            holds nothing of what was sent.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProofMissing(Refusal):
    """Nothing was sent that the scheme takes; that is how clients learn what to send."""

    def __init__(self) -> None:
        super().__init__("nothing was sent")


class ProofStale(Refusal):
    """The proof was right once; the client can make a new one by itself."""


class ProofWrong(Refusal):
    """What was sent proves nothing. It counts as a failed attempt."""


class ScopeMissing(Refusal):
    """The caller is known, and lacks a scope.

    Attributes:
        caller: Who it is.
    """

    def __init__(self, caller: Caller) -> None:
        super().__init__("the token lacks a scope that is needed here")
        self.caller = caller
