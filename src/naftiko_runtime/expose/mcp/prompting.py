"""`prompts/get`: arguments in, messages out. Section 9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.mcp.content import Block, text_block
from naftiko_runtime.expose.mcp.executing import Executor
from naftiko_runtime.expose.mcp.prompts import PromptSet
from naftiko_runtime.expose.mcp.results import answered
from naftiko_runtime.plan.expressions import Scope, to_text
from naftiko_runtime.plan.mcp_parts import Prompt, PromptMessage
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Deadline, Json

_METHOD: Final = "prompts/get"


@dataclass(frozen=True, slots=True)
class PromptWriter:
    """Writes the messages of prompts.

    Attributes:
        executor: Executes what messages call.
    """

    executor: Executor

    async def get(
        self,
        prompts: PromptSet,
        name: str,
        arguments: Mapping[str, str],
        headers: RawHeaders = (),
    ) -> dict[str, Json]:
        """Return a prompt as `prompts/get` shows it.

        Raises:
            MCPError: There is no such prompt, an argument is missing, or a call failed.
        """
        prompt = prompts.prompts.get(name)
        if prompt is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {name}")
        messages = await self.executor.do(
            _METHOD, prompt.address, headers, lambda until: self._messages(prompt, arguments, until)
        )
        result: dict[str, Json] = {"resultType": "complete", "messages": messages}
        return (
            result if prompt.description is None else {"description": prompt.description, **result}
        )

    async def _messages(
        self, prompt: Prompt, arguments: Mapping[str, str], until: Deadline
    ) -> list[Json]:
        values = prompt.checker.check_json(arguments)
        messages: list[Json] = []
        for message in prompt.messages:
            blocks = await self._blocks(message, values, until, prompt.largest)
            messages += [{"role": message.role, "content": block} for block in blocks]
        return messages

    async def _blocks(
        self, message: PromptMessage, values: dict[str, Json], until: Deadline, largest: int
    ) -> list[Block]:
        """Return a message's blocks: a message of the protocol has room for one."""
        blocks: list[Block] = []
        if message.text is not None:
            blocks.append(text_block(to_text(message.text(Scope(values)))))
        if message.operation is not None:
            operation = message.operation
            outcome = await self.executor.execute(operation, values, until, "prompt", largest)
            blocks += _answer(outcome, operation)
        return blocks


def _answer(outcome: Outcome, operation: Operation) -> list[Block]:
    """Return an answer as blocks; a text that was shaped here is said as it is."""
    if isinstance(outcome.value, str):
        return [text_block(outcome.value)]
    return [*answered(outcome, operation.outputs).content]
