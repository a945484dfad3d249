"""The engine: one operation with checked arguments in, one outcome out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from naftiko_runtime.execute.admission import Admission
from naftiko_runtime.execute.answers import Answers, value_outcome
from naftiko_runtime.execute.credentials.authoriser import Authoriser
from naftiko_runtime.execute.forwarding import Incoming, assemble_forward
from naftiko_runtime.execute.orchestration import Run
from naftiko_runtime.execute.outcome import Outcome, relayed
from naftiko_runtime.execute.requests import assemble
from naftiko_runtime.execute.resilience import Sender
from naftiko_runtime.execute.resilience.line import CALLER
from naftiko_runtime.execute.resilience.timing import REAL_TIME, Timing
from naftiko_runtime.execute.scripts import Scripts
from naftiko_runtime.execute.upstream.message import StreamedResponse, UpstreamClient
from naftiko_runtime.limits import DEFAULT_LIMITS, ServeLimits
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.steps import StepsPlan
from naftiko_runtime.values import Deadline, Json

DEFAULT_TIMEOUT_SECONDS: Final = 30.0


class Engine:
    """Executes operations.

    Args:
        client: Carries requests upstream.
        timeout_seconds: How long a call may take as a whole, unless its deadline is nearer.
        limits: How many calls may run at once, and over how many connections.
        timing: Time and chance, for retries and what goes with them.
    """

    def __init__(
        self,
        client: UpstreamClient,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        *,
        limits: ServeLimits = DEFAULT_LIMITS,
        timing: Timing = REAL_TIME,
    ) -> None:
        self._client = client
        self._authoriser = Authoriser(client)
        self._sender = Sender(client, self._authoriser, limits.upstream_connections, timing)
        self._answers = Answers()
        self._scripts = Scripts()
        self._timeout_seconds = timeout_seconds
        self._admission = Admission(limits.calls)

    @property
    def calls(self) -> int:
        """How many calls run."""
        return self._admission.running

    @property
    def circuits(self) -> dict[str, bool]:
        """For each origin with a circuit breaker that was called, whether it is left alone now."""
        return self._sender.circuits

    async def execute(
        self, operation: Operation, arguments: dict[str, Json], deadline: Deadline | None = None
    ) -> Outcome:
        """Execute an operation.

        Args:
            operation: What to execute.
            arguments: Its inputs by name, as its checker returned them.
            deadline: When it has to be over; by default the engine's timeout from now.

        Raises:
            CallError: The call fails by the runtime's own judgement. An error status of upstream
                is an outcome, not an exception.
        """
        scope = Scope(arguments)
        action = operation.action
        if action is None:
            return value_outcome(operation.outputs.shape(None, scope))
        until = deadline or Deadline.after(self._timeout_seconds)
        caller = CALLER.get()
        self._admission.enter(caller)
        try:
            if isinstance(action, CallPlan):
                response = await self._sender.send(action, assemble(action, scope), until)
                return self._answers.answer(action, operation.outputs, response, scope)
            return await self._orchestrate(operation, action, scope, until)
        finally:
            self._admission.leave(caller)

    @asynccontextmanager
    async def forward(
        self, plan: ForwardPlan, incoming: Incoming, patience_seconds: float | None = None
    ) -> AsyncIterator[StreamedResponse]:
        """Pass a request on, its body and the answer's in pieces; a call until the context is left.

        Args:
            plan: What it is passed on to.
            incoming: The caller's request.
            patience_seconds: How long upstream may be silent, and how long the request may wait
                for its turn before that; by default the engine's timeout.

        Raises:
            CallError: The request is not fit to be passed on, or there is no answer.
        """
        request = assemble_forward(plan, incoming)
        patience = patience_seconds or self._timeout_seconds
        caller = CALLER.get()
        self._admission.enter(caller)
        try:
            async with self._sender.stream(plan, request, incoming.body, patience) as response:
                yield response
        finally:
            self._admission.leave(caller)

    async def aclose(self) -> None:
        """End what is under way, scripts too; close the connections to upstream."""
        await self._scripts.aclose()
        await self._authoriser.aclose()
        await self._client.aclose()

    async def _orchestrate(
        self, operation: Operation, plan: StepsPlan, scope: Scope, until: Deadline
    ) -> Outcome:
        run = Run(
            plan,
            scope,
            send=lambda call, request: self._sender.send(call, request, until),
            decode=self._answers.decoded,
            run_script=lambda script, context: self._scripts.run(script, context, until),
        )
        ended = await run.run()
        if ended is not None:
            response = ended.response
            headers = relayed(response.headers)
            return Outcome(response.status, headers, response.body, step=ended.where)
        if plan.mappings or plan.last_call is None or run.last_response is None:
            return value_outcome(operation.outputs.shape(plan.answer(scope), scope))
        call = plan.last_call.call
        return self._answers.answer(call, operation.outputs, run.last_response, scope)
