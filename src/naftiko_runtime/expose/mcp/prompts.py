"""The prompts of one endpoint, and what `prompts/list` says of them. Section 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from naftiko_runtime.expose.mcp.pages import Entry, Listing, Pages, entry
from naftiko_runtime.plan.mcp_parts import Prompt, PromptArgument
from naftiko_runtime.values import Json


@dataclass(frozen=True, slots=True)
class PromptSet:
    """The prompts that an endpoint offers at one moment; a reload replaces it as a whole.

    Attributes:
        prompts: By name, in order.
        pages: What `prompts/list` answers.
    """

    prompts: Mapping[str, Prompt]
    pages: Pages


def prepare_prompts(prompts: Sequence[Prompt], listing: Listing) -> PromptSet:
    """Prepare the prompts of an endpoint.

    Args:
        prompts: In the order in which they are listed; no two of one name.
        listing: How they are listed.
    """
    entries = [*map(_entry, prompts)]
    return PromptSet({one.name: one for one in prompts}, listing.pages("prompts", entries))


def _entry(prompt: Prompt) -> Entry:
    arguments: list[Json] = [_argument(one) for one in prompt.arguments]
    return entry(
        name=prompt.name,
        title=prompt.title,
        description=prompt.description,
        arguments=arguments or None,
    )


def _argument(argument: PromptArgument) -> Entry:
    return entry(
        name=argument.name,
        title=argument.title,
        description=argument.description,
        required=argument.is_required,
    )
