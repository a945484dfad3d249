"""One listener before it is opened: an address and port with all that is served there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.adapters import ControlPlan, McpPlan, RestPlan, SkillPlan

AdapterPlan: TypeAlias = RestPlan | McpPlan | SkillPlan | ControlPlan

Key: TypeAlias = tuple[str, int, str]
"""What tells a listener from others: address, port, and its kind where the port is any."""


@dataclass(slots=True)
class ListenerPlan:
    """An address and port with everything that is served there.

    Attributes:
        host: The address.
        port: The port; 0 picks a free one.
        rest: REST adapters, in order.
        mcp: MCP adapters, in order.
        skills: Skill adapters, in order.
        control: Control adapters, in order.
        titles: The capabilities behind them.
        files: Their files, as the user wrote them.
    """

    host: str
    port: int
    rest: list[RestPlan] = field(default_factory=list)
    mcp: list[McpPlan] = field(default_factory=list)
    skills: list[SkillPlan] = field(default_factory=list)
    control: list[ControlPlan] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What tells a listener from others; free ports are told apart by what they serve."""
        return (self.host, self.port, self.kind if self.port == 0 else "")

    @property
    def kind(self) -> str:
        """The kind of the adapters; where there are several kinds, the one that goes first."""
        if self.rest:
            return "rest"
        return "mcp" if self.mcp else "skill" if self.skills else "control"

    @property
    def first(self) -> AdapterPlan:
        """The first of the adapters, of that kind."""
        return (self.rest or self.mcp or self.skills or self.control)[0]

    @property
    def at(self) -> Position:
        """Where the first of the adapters is declared."""
        return self.first.at

    def add(self, adapter: AdapterPlan) -> None:
        """Serve one more adapter."""
        if isinstance(adapter, RestPlan):
            self.rest.append(adapter)
        elif isinstance(adapter, McpPlan):
            self.mcp.append(adapter)
        elif isinstance(adapter, SkillPlan):
            self.skills.append(adapter)
        else:
            self.control.append(adapter)
