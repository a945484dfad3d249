"""What answers requests, made of what the operator says."""

from __future__ import annotations

from naftiko_runtime.expose.turnstile import Turnstile
from naftiko_runtime.limits import CallerRate, ServeLimits
from naftiko_runtime.runtime.equipment import equip
from naftiko_runtime.settings import ServeSettings


async def test_limits_reach_what_answers_requests() -> None:
    limits = ServeLimits(body_bytes=1, body_seconds=2.0, json_depth=3, parameters=4)
    settings = ServeSettings(limits=limits, timeout_seconds=5.0, docs=False, page_size=6)
    turnstile = Turnstile(CallerRate(7, 1.0))
    equipment = equip(settings, b"nonce", turnstile)
    asked, assembler = equipment.limits, equipment.assembler
    assert (asked.body_bytes, asked.body_seconds, asked.call_seconds) == (1, 2.0, 5.0)
    assert (asked.json_depth, asked.parameters) == (3, 4)
    assert (assembler.docs, assembler.page_size, assembler.turnstile) == (False, 6, turnstile)
    assert (assembler.engine, assembler.callers) == (equipment.engine, equipment.callers)
    await equipment.engine.aclose()
    await equipment.callers.aclose()
