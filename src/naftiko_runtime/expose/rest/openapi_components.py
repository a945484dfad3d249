"""What the operations of an OpenAPI description share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.proofs import CallerCheck, OAuth2Check
from naftiko_runtime.values import Json

PROBLEM_REFERENCE: Final[dict[str, Json]] = {"$ref": "#/components/schemas/Problem"}

PROBLEM: Final[dict[str, Json]] = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 has it.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "What kind of problem it is."},
        "title": {"type": "string", "description": "The kind, in a few words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What is the matter this time."},
        "instance": {"type": "string", "description": "The path of the request."},
        "code": {"type": "string", "description": "A stable name of the kind."},
        "request_id": {"type": "string", "description": "What the log calls the request."},
        "errors": {
            "type": "array",
            "description": "Each thing that is wrong with the input.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Where: a JSON pointer that starts with the input's name.",
                    },
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}


def security_schemes(routes: Iterable[Route]) -> dict[str, Json]:
    """Return what callers of these routes may have to prove, by name."""
    checks = (route.callers for route in routes)
    return {scheme_name(check): _scheme(check) for check in checks if check is not None}


def scheme_name(check: CallerCheck) -> str:
    """Return what a scheme is called among the components: ASCII letters, digits and `-`."""
    if isinstance(check, OAuth2Check):
        return f"oauth2-{_plain(check.server.rstrip('/').partition('://')[2])}"
    if check.scheme == "apikey":
        return f"apikey-{check.place}-{_plain(check.name)}"
    return check.scheme


def _plain(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text)


def _scheme(check: CallerCheck) -> dict[str, Json]:
    if isinstance(check, OAuth2Check):
        return _token_scheme(check)
    if check.scheme == "apikey":
        return {"type": "apiKey", "in": check.place, "name": check.name}
    return {"type": "http", "scheme": check.scheme}


def _token_scheme(check: OAuth2Check) -> dict[str, Json]:
    """Return where tokens come from: the endpoint itself, or what tells of it."""
    if check.token_endpoint:
        scopes: dict[str, Json] = dict.fromkeys(check.scopes, "")
        flow: dict[str, Json] = {"tokenUrl": check.token_endpoint, "scopes": scopes}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
    url = f"{check.server.rstrip('/')}/.well-known/openid-configuration"
    return {"type": "openIdConnect", "openIdConnectUrl": url}


def scheme_scopes(check: CallerCheck) -> list[Json]:
    """Return the scopes that callers need."""
    return [*check.scopes] if isinstance(check, OAuth2Check) else []
