"""What an endpoint offers at one moment, and what changes when it offers something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from naftiko_runtime.expose.callers import Admission
from naftiko_runtime.expose.mcp.merging import (
    merge_instructions,
    merge_prompts,
    merge_resources,
    merge_tools,
)
from naftiko_runtime.expose.mcp.pages import Listing
from naftiko_runtime.expose.mcp.prompts import PromptSet, prepare_prompts
from naftiko_runtime.expose.mcp.resources import ResourceSet, prepare_resources
from naftiko_runtime.expose.mcp.tools import ToolSet, prepare_tools
from naftiko_runtime.plan.adapters import McpPlan
from naftiko_runtime.values import Json


class Kind(StrEnum):
    """What an MCP server may offer, as the protocol's methods call it."""

    TOOLS = "tools"
    RESOURCES = "resources"
    PROMPTS = "prompts"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an endpoint offers at one moment.

    Attributes:
        instructions: For models.
        tools: What can be called.
        resources: What can be read.
        prompts: What can be picked.
        admissions: What lets callers pass: all of these.
        cacheable: What the newest revision says of results that clients may keep.
    """

    instructions: str | None
    tools: ToolSet
    resources: ResourceSet
    prompts: PromptSet
    admissions: tuple[Admission, ...]
    cacheable: dict[str, Json]

    @property
    def kinds(self) -> frozenset[Kind]:
        """What there is; of an endpoint without anything, clients hear that it has tools."""
        things = (
            (Kind.TOOLS, self.tools.tools),
            (Kind.RESOURCES, self.resources),
            (Kind.PROMPTS, self.prompts.prompts),
        )
        return frozenset(kind for kind, some in things if some) or frozenset({Kind.TOOLS})

    @property
    def completes(self) -> bool:
        """Whether anything is known of the values of any argument."""
        values = [
            one.values for prompt in self.prompts.prompts.values() for one in prompt.arguments
        ]
        values += [one for template in self.resources.templates for one in template.values.values()]
        return any(values)


def prepare_offer(
    plans: Sequence[McpPlan],
    admissions: tuple[Admission, ...] = (),
    page_size: int | None = None,
) -> Offer:
    """Prepare what servers offer together.

    Args:
        plans: The servers, in order.
        admissions: What lets callers pass: all of these.
        page_size: How many things a page of a list has; one page holds all by default.
    """
    shared = all(plan.callers is None for plan in plans)
    ttl_ms = min((plan.ttl_ms for plan in plans), default=0)
    listing = Listing(ttl_ms, shared, page_size)
    return Offer(
        merge_instructions(plans),
        prepare_tools(merge_tools(plans), ttl_ms, shared=shared, page_size=page_size),
        prepare_resources(merge_resources(plans), listing),
        prepare_prompts(merge_prompts(plans), listing),
        admissions,
        listing.cacheable,
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What clients have to be told when an offer takes the place of another.

    Attributes:
        lists: The lists that are different.
        files: The URIs of files whose content changed.
    """

    lists: tuple[Kind, ...]
    files: tuple[str, ...]


def changes_between(before: Offer, after: Offer) -> Changes:
    """Return what is different in a new offer."""
    same = {
        Kind.TOOLS: before.tools.pages == after.tools.pages,
        Kind.RESOURCES: before.resources.pages == after.resources.pages
        and before.resources.template_pages == after.resources.template_pages,
        Kind.PROMPTS: before.prompts.pages == after.prompts.pages,
    }
    known = before.resources.files
    files = [
        uri
        for uri, file in after.resources.files.items()
        if uri in known and (known[uri].size, known[uri].changed) != (file.size, file.changed)
    ]
    return Changes(tuple(kind for kind, is_same in same.items() if not is_same), tuple(files))
