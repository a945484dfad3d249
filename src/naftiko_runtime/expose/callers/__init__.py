"""Who calls: callers' proofs of who they are, for every protocol. Section 7 of the behaviour.

`Callers` makes an `Admission` of what an adapter asks for, and every face of an adapter asks its
admission before it does anything else. There is one file for each scheme; `challenges.py` is the
one place that writes `WWW-Authenticate`.
"""

from naftiko_runtime.expose.callers.admission import Admission, Callers, admit_to_all
from naftiko_runtime.expose.callers.caller import Caller, RawHeaders
from naftiko_runtime.expose.callers.documents import AUTHORIZATION_SERVER_LIMITS

__all__ = [
    "AUTHORIZATION_SERVER_LIMITS",
    "Admission",
    "Caller",
    "Callers",
    "RawHeaders",
    "admit_to_all",
]
