"""What the operations of an OpenAPI description share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.callers import CallerCheck
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
    if check.scheme != "apikey":
        return check.scheme
    plain = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in check.name
    )
    return f"apikey-{check.place}-{plain}"


def _scheme(check: CallerCheck) -> dict[str, Json]:
    if check.scheme == "apikey":
        return {"type": "apiKey", "in": check.place, "name": check.name}
    return {"type": "http", "scheme": check.scheme}
