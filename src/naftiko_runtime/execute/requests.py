"""From a call and its values to the one request that goes upstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from naftiko_runtime._version import __version__
from naftiko_runtime.errors import BaseUriMissing, CredentialMissing
from naftiko_runtime.execute.upstream.decoding import ACCEPT_ENCODING
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.calls import OF_THE_RUNTIME, CallPlan
from naftiko_runtime.plan.credentials import Credentials
from naftiko_runtime.plan.expressions import Scope

USER_AGENT: Final = f"naftiko-runtime/{__version__}".encode()

_OF_THE_RUNTIME: Final = tuple(zip(OF_THE_RUNTIME, (USER_AGENT, ACCEPT_ENCODING), strict=True))


def assemble(call: CallPlan, scope: Scope) -> UpstreamRequest:
    """Build the upstream request of a call.

    Raises:
        BaseUriMissing: Nobody has said yet where the API lives.
        CredentialMissing: A credential has no value, and the caller brought none.
        VariableMissing: Another variable that the request needs has no value.
        InvalidInput: A value can't stand where it has to.
    """
    base = complete_base(call.base)
    target = call.target(scope)
    if call.steady_headers is not None:
        headers = call.steady_headers + _OF_THE_RUNTIME
        return UpstreamRequest(call.method, base.origin, target, headers)
    written = call.headers(scope)
    _add_credentials(call, scope, written)
    cookies = call.cookies(scope)
    if cookies:
        written[b"cookie"] = b"; ".join(cookies)
    content = call.body.render(scope) if call.body is not None else None
    if content is not None and (b"boundary=" in content[1] or b"content-type" not in written):
        written[b"content-type"] = content[1]
    written.setdefault(b"accept", call.accept)
    written.setdefault(b"user-agent", USER_AGENT)
    written[b"accept-encoding"] = ACCEPT_ENCODING
    body = content[0] if content is not None else None
    return UpstreamRequest(call.method, base.origin, target, tuple(written.items()), body)


def complete_base(base: BaseUri | MissingBaseUri) -> BaseUri:
    """Return where an API lives.

    Raises:
        BaseUriMissing: Nobody has said yet.
        CredentialMissing: What TLS to it needs has no value.
    """
    if isinstance(base, MissingBaseUri):
        raise BaseUriMissing(
            f"the base URI of '{base.namespace}' is not complete: {base.how_to_set}"
        )
    tls = base.origin.tls
    if tls is not None and tls.missing:
        raise CredentialMissing(_lack("TLS identity", tls.missing))
    return base


def check_credentials(credentials: Credentials, is_brought: Callable[[], bool]) -> None:
    """Make sure that there is something to prove who calls.

    Args:
        credentials: The configured ones.
        is_brought: Returns whether the caller has brought its own; asked only where one is missing.

    Raises:
        CredentialMissing: A credential has no value, and the caller brought none.
    """
    if credentials.missing and not is_brought():
        raise CredentialMissing(_lack("credential", credentials.missing))


def _add_credentials(call: CallPlan, scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Add the configured credentials; what the caller brought stays in their place."""
    credentials = call.credentials
    check_credentials(credentials, lambda: call.brings_credential(scope))
    for name, value in credentials.headers:
        headers.setdefault(name, value)


def _lack(what: str, missing: tuple[Variable, ...]) -> str:
    names = ", ".join(variable.name for variable in missing)
    how = "; ".join(dict.fromkeys(variable.how_to_set for variable in missing))
    return f"the {what} {names} for upstream has no value: {how}"
