"""What callers may have to prove, by the scheme they do it with. Section 7 of the behaviour."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, Final, TypeAlias

from naftiko_runtime.plan.folding import fold
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.values import record

_AUTHORIZATION: Final = "authorization"


@record
class NamedSecret:
    """A secret, and whose it is.

    Attributes:
        name: As the document calls it; None where there is only one.
        expected: The secret as it has to arrive; empty where it has no value, and then nobody
            gets in with it.
    """

    name: str | None
    expected: bytes = field(repr=False)


@record
class SecretCheck:
    """A secret that a caller has to send as it is.

    Attributes:
        scheme: `bearer`, `basic` or `apikey`.
        place: `header`, `query` or `cookie`.
        name: The header, query parameter or cookie; a header in lower case.
        secrets: Any of these lets a caller in; of `basic` user and password, with a colon.
    """

    scheme: str
    place: str
    name: str
    secrets: tuple[NamedSecret, ...]


@record
class DigestCheck:
    """A password that a caller has to show it knows, RFC 7616.

    Attributes:
        users: User names and their passwords; a user without a password never gets in.
        algorithms: What is offered, the best first: `SHA-256`, `MD5`, or either with `-sess`.
    """

    scheme: ClassVar[str] = "digest"
    place: ClassVar[str] = Place.HEADER
    name: ClassVar[str] = _AUTHORIZATION

    users: tuple[tuple[str, str], ...] = field(repr=False)
    algorithms: tuple[str, ...]


@record
class Introspection:
    """How an authorization server is asked about tokens, RFC 7662.

    Attributes:
        endpoint: Where; None where the server's metadata has to tell.
        client_id: As whom; None where the server asks for nothing.
        client_secret: The secret for that.
        in_body: Whether both travel in the body instead of in the `Authorization` header.
    """

    endpoint: str | None
    client_id: str | None
    client_secret: str | None = field(repr=False)
    in_body: bool = False


@record
class OAuth2Check:
    """An access token that an authorization server vouches for, OAuth 2.1.

    Attributes:
        server: The authorization server, which is the issuer of the tokens. Empty where a variable
            has no value, and then nobody gets in.
        resource: The URI of what is protected, RFC 8707 and 9728.
        audience: For whom a token has to be made.
        scopes: All of them are needed.
        algorithms: The signatures that are accepted.
        jwks_uri: Where the server's keys are; None where its metadata has to tell.
        introspection: How tokens are asked about; None where their signature is checked.
        token_endpoint: Where callers get tokens, for descriptions only.
    """

    scheme: ClassVar[str] = "oauth2"
    place: ClassVar[str] = Place.HEADER
    name: ClassVar[str] = _AUTHORIZATION

    server: str
    resource: str | None
    audience: str
    scopes: tuple[str, ...]
    algorithms: tuple[str, ...]
    jwks_uri: str | None = None
    introspection: Introspection | None = None
    token_endpoint: str | None = None


CallerCheck: TypeAlias = SecretCheck | DigestCheck | OAuth2Check
"""What callers of an adapter have to prove."""


def carries_proof(check: CallerCheck | None, place: str, name: str) -> bool:
    """Return whether a part of a request is what callers prove themselves with.

    Such a part ends here: it is nothing that upstream may see. Headers and query parameters are
    compared as inputs are, without regard to case and to `-`, `_` and `.`.

    Args:
        check: What callers have to prove; None where anyone may call.
        place: `header`, `query`, `cookie` or another place of an input.
        name: What it is called there.
    """
    if check is None or place != check.place:
        return False
    return name == check.name if place == Place.COOKIE else fold(name) == fold(check.name)
