"""`WWW-Authenticate`: how callers learn what to prove. RFC 9110, 6750, 7616, 7617, 9728."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.expose.callers.protected_resource import metadata_url
from naftiko_runtime.expose.callers.refusals import ProofStale, ProofWrong, Refusal, ScopeMissing
from naftiko_runtime.plan.proofs import DigestCheck, OAuth2Check, SecretCheck

REALM: Final = "naftiko"


def secret_challenge(check: SecretCheck, refusal: Refusal) -> bytes:
    """Return the challenge for a secret that is sent as it is."""
    if check.scheme == "bearer":
        return _challenge("Bearer", [("realm", REALM), *_bearer_error(refusal)])
    if check.scheme == "basic":
        return _challenge("Basic", [("realm", REALM), ("charset", "UTF-8")])
    return _challenge("ApiKey", [("realm", REALM)])


def digest_challenges(check: DigestCheck, nonce: str, refusal: Refusal) -> tuple[bytes, ...]:
    """Return a challenge for each algorithm, the best first: RFC 7616 section 3.7.

    Args:
        check: What is offered.
        nonce: Fresh.
        refusal: Why the caller gets them.
    """
    stale = ", stale=true" if isinstance(refusal, ProofStale) else ""
    texts = [("realm", REALM), ("nonce", nonce), ("qop", "auth"), ("charset", "UTF-8")]
    return tuple(
        _challenge("Digest", texts) + f", algorithm={algorithm}{stale}".encode()
        for algorithm in check.algorithms
    )


def token_challenge(check: OAuth2Check, refusal: Refusal) -> bytes:
    """Return the challenge for an access token: RFC 6750 section 3, RFC 9728 section 5.1."""
    parameters = [("realm", REALM), *_bearer_error(refusal)]
    if check.scopes:
        parameters.append(("scope", " ".join(check.scopes)))
    url = metadata_url(check)
    if url is not None:
        parameters.append(("resource_metadata", url))
    return _challenge("Bearer", parameters)


def _bearer_error(refusal: Refusal) -> list[tuple[str, str]]:
    """Return RFC 6750's error; none for a request that carries no token."""
    if isinstance(refusal, ScopeMissing):
        return [("error", "insufficient_scope"), ("error_description", refusal.reason)]
    if isinstance(refusal, ProofWrong | ProofStale):
        return [("error", "invalid_token"), ("error_description", refusal.reason)]
    return []


def _challenge(scheme: str, parameters: list[tuple[str, str]]) -> bytes:
    """Return a challenge; what could end a quoted text is dropped from the values."""
    pairs = (f'{name}="{_quotable(value)}"' for name, value in parameters)
    return f"{scheme} {', '.join(pairs)}".encode()


def _quotable(text: str) -> str:
    return "".join(
        letter
        for letter in text
        if letter.isascii() and letter.isprintable() and letter not in '"\\'
    )
