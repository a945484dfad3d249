"""How many units a document declares, and how many of them are served."""

from __future__ import annotations

from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.spec.document import Adapter, CapabilityBlock
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.rest import RestAdapter
from naftiko_runtime.spec.skill import SkillAdapter


def count_declared(block: CapabilityBlock) -> int:
    """Return how many units a document declares, whether they can be served or not."""
    return sum(map(_declared, block.exposes))


def count_served(capability: Capability) -> int:
    """Return how many units a capability has."""
    rest = sum(len(plan.routes) + len(plan.forwards) for plan in capability.rest)
    mcp = sum(len(one.tools) + len(one.resources) + len(one.prompts) for one in capability.mcp)
    skills = [skill for plan in capability.skills for skill in plan.skills]
    return rest + mcp + sum(1 + len(skill.tools) for skill in skills)


def _declared(adapter: Adapter) -> int:
    """Return how many units an adapter declares; a control adapter has none."""
    if isinstance(adapter, RestAdapter):
        return sum(len(one.operations) + (one.forward is not None) for one in adapter.resources)
    if isinstance(adapter, McpAdapter):
        return len(adapter.tools) + len(adapter.resources) + len(adapter.prompts)
    if isinstance(adapter, SkillAdapter):
        return sum(1 + len(skill.tools) for skill in adapter.skills)
    return 0
