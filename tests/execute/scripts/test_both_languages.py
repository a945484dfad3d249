"""What holds for scripts whatever their language."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from naftiko_runtime.errors import ScriptFailed
from naftiko_runtime.execute.scripts import Scripts, check_syntax, missing_extra
from naftiko_runtime.execute.scripts.engine import NO_JSON, TOO_LONG, TOO_SLOW
from naftiko_runtime.plan.scripts import ScriptSource
from naftiko_runtime.values import Deadline, Json
from tests.execute.scripts.running import endings, run, script

pytest.importorskip("pydantic_monty")
pytest.importorskip("py_mini_racer")


@dataclass(frozen=True)
class Words:
    """How a language says a few things."""

    language: str
    read: str
    helper: str
    call: str
    forever: str
    raise_: str
    undefined: str
    no_json: str
    long: str
    keep: str
    kept: str


PYTHON = Words(
    "python",
    "result = context['a']",
    "def twice(x):\n  return 2 * x",
    "result = twice(context['a'])",
    "while True: pass",
    "raise ValueError('the secret is ' + context['secret'])",
    "result = nothing",
    "result = {1, 2}",
    "result = 'a' * (11 * 1024 * 1024)",
    "kept = context['a']",
    "result = kept",
)
JAVASCRIPT = Words(
    "javascript",
    "result = context.a",
    "function twice(x) { return 2 * x }",
    "result = twice(context.a)",
    "while (true);",
    "throw new Error('the secret is ' + context.secret)",
    "result = nothing",
    "result = 10n",
    "result = 'a'.repeat(11 * 1024 * 1024)",
    "globalThis.kept = context.a; Object.prototype.kept = 1",
    "result = kept",
)

pytestmark = pytest.mark.parametrize("words", [PYTHON, JAVASCRIPT], ids=lambda one: one.language)


async def test_json_goes_in_and_comes_out(scripts: Scripts, words: Words) -> None:
    value: Json = [None, True, 12, 1.5, "é\u2028\"'</script>", [], {"__proto__": {"x": None}}]
    assert await run(scripts, words.language, words.read, context={"a": value}) == value


async def test_a_result_is_json_of_a_bounded_length(scripts: Scripts, words: Words) -> None:
    expected = {"": "None", words.no_json: NO_JSON, words.long: TOO_LONG}
    assert await endings(scripts, words.language, expected) == expected


async def test_without_time_nothing_runs(scripts: Scripts, words: Words) -> None:
    with pytest.raises(ScriptFailed, match=TOO_SLOW):
        await run(scripts, words.language, words.read, context={"a": 1}, seconds=0)


async def test_dependencies_run_in_the_same_scope(scripts: Scripts, words: Words) -> None:
    got = await run(scripts, words.language, words.helper, words.call, context={"a": 4})
    assert got == 8


async def test_nothing_is_left_of_a_script_that_has_run(scripts: Scripts, words: Words) -> None:
    await run(scripts, words.language, words.keep, context={"a": 4})
    with pytest.raises(ScriptFailed):
        await run(scripts, words.language, words.kept)


async def test_an_endless_script_ends_with_its_own_time(scripts: Scripts, words: Words) -> None:
    endless = script(words.language, words.forever, seconds=0.2)
    with pytest.raises(ScriptFailed, match=TOO_SLOW):
        await scripts.run(endless, {}, Deadline.after(60))


async def test_an_endless_script_ends_with_its_call(scripts: Scripts, words: Words) -> None:
    with pytest.raises(ScriptFailed, match=TOO_SLOW):
        await run(scripts, words.language, words.forever, seconds=0.2)


async def test_the_loop_goes_on_while_scripts_are_busy(scripts: Scripts, words: Words) -> None:
    busy = script(words.language, words.forever, seconds=0.3)
    tasks = [
        asyncio.create_task(scripts.run(busy, {}, Deadline.after(20))) for _ in range(6)
    ]  # more than run at once
    turns = 0
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        turns += 1
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert turns > 100
    assert {type(one) for one in ends} == {ScriptFailed}


async def test_what_an_error_says_stays_in_the_sandbox(
    scripts: Scripts, words: Words, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ScriptFailed) as caught:
        await run(scripts, words.language, words.raise_, context={"secret": "s3cr3t"})
    assert caught.value.detail == (
        "the script came to no result: it raised an error, of which the log says more"
    )
    assert caught.value.__cause__ is None
    assert "s3cr3t" not in caplog.text


async def test_the_log_tells_where_a_script_failed(
    scripts: Scripts, words: Words, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ScriptFailed):
        await run(scripts, words.language, f"\n\n{words.undefined}")
    assert caplog.messages[0] in ("1.txt: NameError in line 3", "1.txt: ReferenceError in line 3")


async def test_a_script_runs_after_others_have_failed(scripts: Scripts, words: Words) -> None:
    for text in (words.undefined, words.no_json):
        with pytest.raises(ScriptFailed):
            await run(scripts, words.language, text)
    with pytest.raises(ScriptFailed):
        await scripts.run(
            script(words.language, words.forever, seconds=0.1), {}, Deadline.after(20)
        )
    assert await run(scripts, words.language, words.read, context={"a": 1}) == 1


async def test_a_script_whose_caller_is_gone_is_ended(scripts: Scripts, words: Words) -> None:
    endless = script(words.language, words.forever, seconds=0.5)
    task = asyncio.create_task(scripts.run(endless, {}, Deadline.after(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await run(scripts, words.language, words.read, context={"a": 1}) == 1


def test_a_file_is_checked_without_running_it(words: Words) -> None:
    sources = [
        ScriptSource(Path("good"), words.forever),
        ScriptSource(Path("bad"), "a = 1\nb = (\n"),
        ScriptSource(Path("raises"), words.raise_),
    ]
    (problem,) = check_syntax(words.language, sources)
    assert problem.source.file.name == "bad"
    assert problem.line in (2, 3)
    assert problem.detail


def test_the_extra_is_named_where_it_is_missing(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missing_extra(words.language) is None
    monkeypatch.setattr("naftiko_runtime.execute.scripts.scripts.find_spec", lambda _: None)
    assert missing_extra(words.language) == "naftiko-runtime[scripts]"
