"""`completion/complete`: what is known of the values of arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CompleteRequestParams, PromptReference

from naftiko_runtime.expose.mcp.offer import Offer
from naftiko_runtime.values import Json

MOST_VALUES: Final = 100
"""How many values the protocol lets a completion have."""


def complete(offer: Offer, params: CompleteRequestParams) -> dict[str, Json]:
    """Return the values of an argument that begin as the client's does, whatever the case.

    Raises:
        MCPError: There is no such prompt or template, or it has no such argument.
    """
    known = _values(offer, params)
    begun = params.argument.value.casefold()
    found: list[Json] = [value for value in known if value.casefold().startswith(begun)]
    completion: dict[str, Json] = {
        "values": found[:MOST_VALUES],
        "total": len(found),
        "hasMore": len(found) > MOST_VALUES,
    }
    return {"resultType": "complete", "completion": completion}


def _values(offer: Offer, params: CompleteRequestParams) -> Sequence[str]:
    name = params.argument.name
    if isinstance(params.ref, PromptReference):
        prompt = offer.prompts.prompts.get(params.ref.name)
        if prompt is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {params.ref.name}")
        values = {one.name: one.values for one in prompt.arguments}
    else:
        template = offer.resources.template(params.ref.uri)
        if template is None:
            raise MCPError(INVALID_PARAMS, f"Unknown resource template: {params.ref.uri}")
        values = {**template.values}
    if name not in values:
        raise MCPError(INVALID_PARAMS, f"Unknown argument: {name}")
    return values[name]
