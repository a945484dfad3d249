"""What JavaScript may not do."""

from __future__ import annotations

import asyncio
import os

import pytest

from naftiko_runtime.errors import ScriptFailed
from naftiko_runtime.execute.scripts import Scripts
from naftiko_runtime.execute.scripts.engine import NO_JSON, TOO_LARGE, TOO_SLOW
from naftiko_runtime.execute.scripts.javascript import Engine
from naftiko_runtime.values import Deadline
from tests.execute.scripts.running import RAISED, endings, run, script

pytest.importorskip("py_mini_racer")

WAYS_OUT = [
    "require('fs')",
    "process.env",
    "process.binding('spawn_sync')",
    "fetch('http://127.0.0.1/')",
    "new XMLHttpRequest()",
    "new WebAssembly.Memory({initial: 1})",
    "eval('1')",
    "new Function('return 1')()",
    "(() => {}).constructor('return 1')()",
    "setTimeout(() => { while (true); }, 0)",
    "import fs from 'fs'",
    "Deno.readFileSync('/etc/passwd')",
    "load('/etc/passwd')",
    "read('/etc/passwd')",
    "const f = () => f(); f()",
]


async def test_there_is_no_way_out(scripts: Scripts) -> None:
    ends = await endings(scripts, "javascript", WAYS_OUT)
    assert ends == dict.fromkeys(WAYS_OUT, RAISED)


async def test_an_import_at_run_time_brings_nothing(scripts: Scripts) -> None:
    text = "result = 'none'; import('fs').then(fs => { result = fs })"
    assert await run(scripts, "javascript", text) == "none"


async def test_memory_is_bounded(scripts: Scripts) -> None:
    expected = {
        "const x = []; while (true) x.push(new Array(1e6).fill(x.length))": TOO_LARGE,
        "const x = []; while (true) x.push(new Uint8Array(1e7).fill(1))": RAISED,
        "result = 'a'.repeat(2 ** 29 - 24).split('')": TOO_LARGE,
        "result = 1": "1",
    }
    assert await endings(scripts, "javascript", expected) == expected


ENDLESS = [
    "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "const f = () => { try { f() } finally { f() } }; f()",
    "JSON.stringify = () => { while (true); }",
    "throw { toString() { while (true); } }",
]


async def test_time_is_bounded(scripts: Scripts) -> None:
    ends = await endings(scripts, "javascript", ENDLESS, seconds=0.2)
    assert ends == dict.fromkeys(ENDLESS, TOO_SLOW)


FORGED = [
    "JSON.stringify = () => 'boo'",
    "JSON.stringify = () => '['.repeat(100000)",
    "JSON.stringify = () => 5",
    "delete globalThis.JSON",
    "result = () => 1",
    "result = { get a() { throw new Error('x') } }",
    "result = {}; result.result = result",
]


async def test_a_script_can_not_forge_a_result_that_is_no_json(scripts: Scripts) -> None:
    ends = await endings(scripts, "javascript", FORGED)
    assert ends == dict.fromkeys(FORGED, NO_JSON)


async def test_a_result_may_be_declared(scripts: Scripts) -> None:
    texts = [f"{word} result = 5" for word in ("const", "let", "var")]
    assert await endings(scripts, "javascript", texts) == dict.fromkeys(texts, "5")


async def test_prototypes_are_every_scripts_own(scripts: Scripts) -> None:
    await run(scripts, "javascript", "Object.prototype.toJSON = () => 'mine'")
    assert await run(scripts, "javascript", "result = {}") == {}


async def test_the_name_of_an_error_is_no_way_out(
    scripts: Scripts, caplog: pytest.LogCaptureFixture
) -> None:
    text = "const error = new Error('x'); error.name = 'Secret'; throw error"
    with pytest.raises(ScriptFailed):
        await run(scripts, "javascript", text)
    assert caplog.messages == ["1.txt: error in line 1"]


async def test_a_worker_is_used_again_and_ends_with_its_engine() -> None:
    engine = Engine()
    for _ in range(2):
        await engine.run(script("javascript", "result = 1"), b"{}", Deadline.after(20))
    (worker,) = engine._idle
    await engine.aclose()
    assert worker.returncode is not None


async def test_a_worker_has_no_environment() -> None:
    engine = Engine()
    await engine.run(script("javascript", ""), b"{}", Deadline.after(20))
    with open(f"/proc/{engine._idle[0].pid}/environ", "rb") as opened:  # noqa: ASYNC230, PTH123
        assert opened.read() == b""
    await engine.aclose()


async def test_a_worker_that_dies_while_idle_fails_one_script_alone() -> None:
    engine = Engine()
    await engine.run(script("javascript", ""), b"{}", Deadline.after(20))
    os.kill(engine._idle[0].pid, 9)
    await asyncio.gather(engine._idle[0].wait())
    with pytest.raises(ScriptFailed):
        await engine.run(script("javascript", ""), b"{}", Deadline.after(20))
    assert await engine.run(script("javascript", "result = 2"), b"{}", Deadline.after(20)) == 2
    await engine.aclose()
