"""Attempts, through the engine: what upstream gets to see, and what the caller."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from naftiko_runtime.errors import (
    UpstreamBusy,
    UpstreamCircuitOpen,
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Deadline
from tests.documents import ONE_OPERATION, load, tool
from tests.timing import StoodStill
from tests.upstreams import RecordingClient, answer

AFTER = ((b"retry-after", b"2"),)
GONE = UpstreamUnreachable("refused", unsent=True)


def script(
    *endings: int | UpstreamResponse | UpstreamError,
) -> Callable[[UpstreamRequest], UpstreamResponse]:
    """Return what ends one request after the other in these ways, and all later ones well."""
    left = list(endings)

    def respond(_: UpstreamRequest) -> UpstreamResponse:
        ending = left.pop(0) if left else 200
        if isinstance(ending, UpstreamError):
            raise ending
        return answer({}, ending) if isinstance(ending, int) else ending

    return respond


class Upstream:
    """An engine before a scripted upstream, with time standing still.

    Attributes:
        client: What upstream got.
        clock: The time.
    """

    def __init__(
        self,
        folder: Path,
        *endings: int | UpstreamResponse | UpstreamError,
        method: str = "GET",
        policy: str = "",
        limits: ServeLimits | None = None,
    ) -> None:
        text = ONE_OPERATION.replace("method: GET\n", f"method: {method}\n", 1)
        if policy:
            extension = f"baseUri: http://upstream.test/v1\n    x-resilience: {{{policy}}}"
            text = text.replace("baseUri: http://upstream.test/v1", extension)
        self.operation: Operation = tool(load(folder, text), "get-ship").operation
        self.client = RecordingClient(script(*endings))
        self.clock = StoodStill()
        self.engine = Engine(self.client, limits=limits or ServeLimits(), timing=self.clock.timing)

    async def call(self, seconds: float = 30.0) -> int:
        """Return the status of a call."""
        deadline = self.clock.in_seconds(seconds)
        outcome = await self.engine.execute(self.operation, {"imo": "1"}, deadline)
        return outcome.status

    @property
    def attempts(self) -> int:
        """How many requests upstream got."""
        return len(self.client.requests)


@pytest.mark.parametrize("ending", [429, 502, 503, 504, GONE, UpstreamUnreachable("lost")])
async def test_a_get_is_tried_again(tmp_path: Path, ending: int | UpstreamError) -> None:
    upstream = Upstream(tmp_path, ending)
    assert await upstream.call() == 200
    assert upstream.attempts == 2
    assert upstream.clock.slept == [0.1]


async def test_the_pauses_double(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, 503, 503)
    assert await upstream.call() == 200
    assert upstream.clock.slept == [0.1, 0.2]


@pytest.mark.parametrize("status", [200, 302, 404, 422, 500, 501])
async def test_any_other_answer_is_relayed_at_once(tmp_path: Path, status: int) -> None:
    upstream = Upstream(tmp_path, status)
    assert await upstream.call() == status
    assert upstream.attempts == 1


async def test_the_last_answer_is_relayed_and_the_attempts_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    upstream = Upstream(tmp_path, 503, 502, 503)
    assert await upstream.call() == 503
    assert upstream.attempts == 3
    (record,) = caplog.records
    assert record.getMessage() == "api.get-ship: 3 attempts, last: 503"
    assert record.levelno == logging.WARNING


async def test_the_last_error_tells_of_the_attempts(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, 503, GONE, UpstreamUnreachable("lost"))
    with pytest.raises(UpstreamUnreachable) as caught:
        await upstream.call()
    assert caught.value.detail == "3 attempts, last: lost"


async def test_a_success_in_the_end_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await Upstream(tmp_path, 503).call()
    assert [one.getMessage() for one in caplog.records] == ["api.get-ship: 2 attempts, last: 200"]


@pytest.mark.parametrize("ending", [502, 503, 504, 429])
async def test_a_post_that_may_have_run_is_not_sent_again(tmp_path: Path, ending: int) -> None:
    upstream = Upstream(tmp_path, ending, method="POST")
    assert await upstream.call() == ending
    assert upstream.attempts == 1


async def test_a_post_that_was_lost_on_the_way_is_not_sent_again(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, UpstreamUnreachable("lost"), method="POST")
    with pytest.raises(UpstreamUnreachable, match=r"^lost$"):
        await upstream.call()


@pytest.mark.parametrize("ending", [GONE, answer({}, 429, AFTER), answer({}, 503, AFTER)])
async def test_a_post_that_has_not_run_is_sent_again(
    tmp_path: Path, ending: UpstreamResponse | UpstreamError
) -> None:
    upstream = Upstream(tmp_path, ending, method="POST")
    assert await upstream.call() == 200
    assert upstream.attempts == 2


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, answer({}, 503, AFTER))
    assert await upstream.call() == 200
    assert upstream.clock.slept == [2.0]


async def test_a_retry_after_that_does_not_fit_is_surfaced_at_once(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, answer({}, 503, AFTER))
    assert await upstream.call(1.5) == 503
    assert (upstream.attempts, upstream.clock.slept) == (1, [])


async def test_no_pause_goes_past_the_deadline(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, 503, 503, policy="retries: {backoff: 5, maxBackoff: 10}")
    assert await upstream.call(6) == 503
    assert upstream.clock.slept == [5.0]


async def test_the_total_of_the_policy_is_a_deadline_too(tmp_path: Path) -> None:
    policy = "timeouts: {total: 2}, retries: {backoff: 3, maxBackoff: 3}"
    upstream = Upstream(tmp_path, 503, policy=policy)
    assert await upstream.call(30) == 503
    assert upstream.attempts == 1


class DeadlineClient(RecordingClient):
    """Keeps the deadlines that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines: list[Deadline] = []

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        self.deadlines.append(deadline)
        return answer({})


@pytest.mark.parametrize(
    ("policy", "seconds", "connect"),
    [
        ("timeouts: {connect: 1}", 30.0, 1.0),
        ("timeouts: {read: 4}", 4.0, None),
        ("timeouts: {read: 60}", 30.0, None),
        ("timeouts: {total: 3, read: 4, connect: 2}", 3.0, 2.0),
        ("retries: off", 30.0, None),
    ],
)
async def test_all_times_go_upstream_as_one_deadline(
    tmp_path: Path, policy: str, seconds: float, connect: float | None
) -> None:
    upstream = Upstream(tmp_path, policy=policy)
    client = DeadlineClient()
    upstream.engine = Engine(client, timing=upstream.clock.timing)
    await upstream.call()
    assert client.deadlines == [Deadline(upstream.clock.now + seconds, connect)]


async def test_an_attempt_that_takes_too_long_is_repeated_while_there_is_time(
    tmp_path: Path,
) -> None:
    upstream = Upstream(tmp_path, UpstreamTimeout("slow"), policy="timeouts: {read: 1}")
    assert await upstream.call() == 200
    assert upstream.attempts == 2


async def test_an_upstream_that_fails_for_long_is_left_alone(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, *[GONE] * 3, policy="circuitBreaker: {failures: 3, open: 5}")
    with pytest.raises(UpstreamUnreachable):
        await upstream.call()
    with pytest.raises(UpstreamCircuitOpen) as caught:
        await upstream.call()
    assert caught.value.retry_after_seconds == 5.0
    assert upstream.attempts == 3
    assert upstream.engine.circuits == {"http://upstream.test": True}
    upstream.clock.now += 5
    assert await upstream.call() == 200


async def test_a_circuit_without_a_breaker_is_none(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, policy="circuitBreaker: off")
    assert await upstream.call() == 200
    assert upstream.engine.circuits == {}


async def test_a_circuit_through_which_requests_pass_is_closed(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path)
    assert await upstream.call() == 200
    assert upstream.engine.circuits == {"http://upstream.test": False}


async def test_no_attempt_is_made_when_the_circuit_has_opened_in_between(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, 503, 503, policy="circuitBreaker: {failures: 2}")
    assert await upstream.call() == 503
    assert upstream.attempts == 2


async def test_the_circuit_is_not_opened_by_who_gives_no_tokens(tmp_path: Path) -> None:
    away = UpstreamUnreachable("no token", elsewhere=True)
    policy = "retries: off, circuitBreaker: {failures: 1}"
    upstream = Upstream(tmp_path, away, policy=policy)
    with pytest.raises(UpstreamUnreachable):
        await upstream.call()
    assert await upstream.call() == 200


async def test_a_probe_that_is_cancelled_does_not_keep_the_circuit_open(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, 503, policy="retries: off, circuitBreaker: {failures: 1}")
    await upstream.call()
    upstream.clock.now += 5
    upstream.client.respond = _cancelled
    with pytest.raises(asyncio.CancelledError):
        await upstream.call()
    upstream.client.respond = script()
    assert await upstream.call() == 200


def _cancelled(_: UpstreamRequest) -> UpstreamResponse:
    raise asyncio.CancelledError


@pytest.mark.parametrize("error", [UpstreamTooLarge("big"), UpstreamCredentialRefused("no")])
async def test_what_says_nothing_about_upstream_does_not_count(
    tmp_path: Path, error: UpstreamError
) -> None:
    policy = "retries: off, circuitBreaker: {failures: 2}"
    upstream = Upstream(tmp_path, 503, error, 503, policy=policy)
    await upstream.call()
    with pytest.raises(type(error)):
        await upstream.call()
    await upstream.call()
    with pytest.raises(UpstreamCircuitOpen):
        await upstream.call()


async def test_an_answer_counts_as_a_sign_of_life(tmp_path: Path) -> None:
    policy = "retries: off, circuitBreaker: {failures: 2}"
    upstream = Upstream(tmp_path, 503, 500, 503, 500, policy=policy)
    assert [await upstream.call() for _ in range(5)] == [503, 500, 503, 500, 200]


async def test_a_rate_is_kept_by_waiting(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, policy="rateLimit: {requests: 2, per: 1, burst: 1}")
    assert [await upstream.call() for _ in range(3)] == [200, 200, 200]
    assert upstream.clock.slept == [0.5, 0.5]


async def test_a_rate_that_can_not_be_kept_in_time_is_told(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path, policy="rateLimit: {requests: 1, per: 60}")
    await upstream.call()
    with pytest.raises(UpstreamRateLimited) as caught:
        await upstream.call()
    assert caught.value.retry_after_seconds == 60
    assert upstream.attempts == 1


class GatedClient(RecordingClient):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.gate.wait()
        self.running -= 1
        return answer({})


@pytest.mark.parametrize(
    ("policy", "limits"),
    [
        ("concurrency: {limit: 2, queue: 1}", ServeLimits()),
        ("concurrency: {queue: 1}", ServeLimits(upstream_connections=2)),
    ],
)
async def test_no_more_run_at_once_than_may(
    tmp_path: Path, policy: str, limits: ServeLimits
) -> None:
    upstream = Upstream(tmp_path, policy=policy)
    client = GatedClient()
    upstream.engine = Engine(client, limits=limits, timing=upstream.clock.timing)
    calls = [asyncio.create_task(upstream.call()) for _ in range(4)]
    done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    assert [type(call.exception()) for call in done] == [UpstreamBusy]
    client.gate.set()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert ended.count(200) == 3
    assert client.most == 2


async def test_a_circuit_that_opens_while_one_waits_keeps_it_from_being_sent(
    tmp_path: Path,
) -> None:
    policy = "retries: off, circuitBreaker: {failures: 1}, concurrency: {limit: 1}"
    upstream = Upstream(tmp_path, policy=policy)
    client = GatedClient()
    upstream.engine = Engine(client, timing=upstream.clock.timing)
    first, second = (asyncio.create_task(upstream.call()) for _ in range(2))
    await asyncio.sleep(0)

    async def fail(request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        raise GONE

    first.cancel()
    client.send = fail  # type: ignore[method-assign]
    third = asyncio.create_task(upstream.call())
    ended = await asyncio.gather(first, second, third, return_exceptions=True)
    assert [type(one) for one in ended] == [
        asyncio.CancelledError,
        UpstreamUnreachable,
        UpstreamCircuitOpen,
    ]
