"""Running steps, one stage after the other. Section 10 of the behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from naftiko_runtime.errors import CallError, UpstreamError
from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.scripts import ScriptPlan
from naftiko_runtime.plan.steps import CallStep, LookupStep, ScriptStep, Step, StepsPlan
from naftiko_runtime.values import Json, record

MAX_TOGETHER: Final = 8

Send: TypeAlias = Callable[[CallPlan, UpstreamRequest], Awaitable[UpstreamResponse]]
"""Carries the request of a call upstream within the run's deadline."""

Decode: TypeAlias = Callable[[CallPlan, UpstreamResponse], Json]
"""Reads the body of a call's answer."""

RunScript: TypeAlias = Callable[[ScriptPlan, dict[str, Json]], Awaitable[Json]]
"""Runs a script with what it sees, within the run's deadline."""


@record
class Ended:
    """An upstream error that ended a run.

    Attributes:
        response: Upstream's answer.
        where: Which step it was, for people: `step 2 of 3, get-crew`.
    """

    response: UpstreamResponse
    where: str


class Run:
    """One run of an orchestration.

    Args:
        plan: What to run.
        scope: The caller's inputs; takes the outputs of the steps.
        send: Carries requests upstream.
        decode: Reads the bodies of answers.
        run_script: Runs scripts.
    """

    def __init__(
        self, plan: StepsPlan, scope: Scope, *, send: Send, decode: Decode, run_script: RunScript
    ) -> None:
        self._plan = plan
        self._scope = scope
        self._send = send
        self._decode = decode
        self._run_script = run_script
        self._numbers = {step.name: number for number, step in enumerate(plan.steps, 1)}
        self.last_response: UpstreamResponse | None = None

    async def run(self) -> Ended | None:
        """Run all steps; return the upstream error that ended the run, if one did.

        Raises:
            CallError: A step failed by the runtime's own judgement; the detail names the step.
        """
        for stage in self._plan.stages:
            ended = await self._stage(stage)
            if ended is not None:
                return ended
        return None

    async def _stage(self, stage: tuple[Step, ...]) -> Ended | None:
        calls = [step for step in stage if isinstance(step, CallStep)]
        for step in stage:
            if isinstance(step, LookupStep):
                self._scope.steps[step.name] = step.run(self._scope)
            elif isinstance(step, ScriptStep):
                await self._script(step)
        if len(calls) == 1:
            return await self._call(calls[0])
        for first in range(0, len(calls), MAX_TOGETHER):
            ended = await self._together(calls[first : first + MAX_TOGETHER])
            if ended is not None:
                return ended
        return None

    async def _together(self, calls: list[CallStep]) -> Ended | None:
        """Run calls at once; the first in the document's order that fails decides."""
        tasks = [asyncio.ensure_future(self._call(step)) for step in calls]
        try:
            for task in tasks:
                ended = await task
                if ended is not None:
                    return ended
            return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _script(self, step: ScriptStep) -> None:
        try:
            output = await self._run_script(step.script, step.context(self._scope))
        except CallError as error:
            error.detail = f"{self._where(step)}: {error.detail}"
            raise
        self._scope.steps[step.name] = output

    async def _call(self, step: CallStep) -> Ended | None:
        try:
            response = await self._send(step.call, assemble(step.call, self._scope))
            failed = not 200 <= response.status < 300
            output = None if failed else step.shape(self._decode(step.call, response))
        except CallError as error:
            if isinstance(error, UpstreamError) and step.continue_on_error:
                self._scope.steps[step.name] = None
                return None
            error.detail = f"{self._where(step)}: {error.detail}"
            raise
        if failed and not step.continue_on_error:
            return Ended(response, self._where(step))
        self._scope.steps[step.name] = output
        if step is self._plan.last_call:
            self.last_response = response
        return None

    def _where(self, step: Step) -> str:
        return f"step {self._numbers[step.name]} of {len(self._numbers)}, {step.name}"
