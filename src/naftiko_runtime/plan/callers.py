"""What callers of an adapter have to prove, compiled from its `authentication`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.plan.credentials import TYPES, read_secret, report_type
from naftiko_runtime.plan.expressions import Inputs, Scope, compile_term, to_text
from naftiko_runtime.plan.references import Names
from naftiko_runtime.spec.authentication import Authentication

_HANDLED: Final = ("bearer", "basic", "apikey")


@dataclass(frozen=True, slots=True)
class CallerCheck:
    """What a caller has to send.

    Attributes:
        scheme: `bearer`, `basic` or `apikey`.
        place: `header`, `query` or `cookie`.
        name: The header, query parameter or cookie; a header in lower case.
        expected: The secret as it has to arrive; empty where it has no value, and then nobody
            gets in.
    """

    scheme: str
    place: str
    name: str
    expected: bytes


def read_caller_check(
    block: Authentication | None, names: Names, adapter: str
) -> CallerCheck | None:
    """Compile an adapter's `authentication`; None where it has none, or its type is `none`.

    A type that can't be checked is an error of the capability: an adapter that asks for proof is
    never served without.
    """
    if block is None or block.kind == "none":
        return None
    if block.kind not in _HANDLED:
        _refuse(block, names, adapter)
        return None
    if block.kind == "apikey":
        place = block.placement if block.placement in ("query", "cookie") else "header"
        name = str(block.key or "Authorization")
        name = name.lower() if place == "header" else name
        return CallerCheck("apikey", place, name, _secret(block, "value", names))
    if block.kind == "bearer":
        return CallerCheck("bearer", "header", "authorization", _secret(block, "token", names))
    user, password = _secret(block, "username", names), _secret(block, "password", names)
    pair = user + b":" + password if user and password else b""
    return CallerCheck("basic", "header", "authorization", pair)


def _secret(block: Authentication, key: str, names: Names) -> bytes:
    term = read_secret(block, getattr(block, key), key, names)
    try:
        return to_text(compile_term(term, Inputs())(Scope())).encode()
    except VariableMissing:
        return b""


def _refuse(block: Authentication, names: Names, adapter: str) -> None:
    if block.kind in TYPES:
        message = f"'{adapter}' asks its callers for {block.type}, which is not supported yet"
        names.diagnostics.error("not-yet-supported", message, block.at("type"))
        return
    report_type(block, names.diagnostics)
