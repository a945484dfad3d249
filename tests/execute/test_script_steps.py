"""Script steps in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.errors import ScriptFailed
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.plan.loading import Loaded
from naftiko_runtime.values import Deadline
from tests.plan.scripting import JAVASCRIPT, PYTHON, operation, plan, write
from tests.upstreams import RecordingClient, answer

pytest.importorskip("pydantic_monty")
pytest.importorskip("py_mini_racer")

SUM_PY = "result = sum(one['age'] for one in context['crew']) + context['more']"
SUM_JS = "result = context.crew.reduce((sum, one) => sum + one.age, context.more)"


async def _execute(loaded: Loaded, seconds: float = 30) -> Outcome:
    engine = Engine(RecordingClient(lambda _: answer([{"age": 30}, {"age": 12}])))
    try:
        unit = operation(loaded)
        return await engine.execute(unit, {"imo": "7"}, Deadline.after(seconds))
    finally:
        await engine.aclose()


@pytest.mark.parametrize(
    ("step", "name", "text"), [(PYTHON, "sum.py", SUM_PY), (JAVASCRIPT, "sum.js", SUM_JS)]
)
async def test_a_script_works_on_the_outputs_of_earlier_steps(
    tmp_path: Path, step: str, name: str, text: str
) -> None:
    write(tmp_path, name, text)
    loaded = plan(tmp_path, f"{step}, with: {{more: 100}}")
    assert (await _execute(loaded)).value == {"total": 142}


async def test_templates_and_references_see_the_result_of_a_script(tmp_path: Path) -> None:
    write(tmp_path, "sum.py", "result = {'n': [1, 2]}")
    loaded = plan(tmp_path, mappings="mappings: [{targetName: t, value: 'n={{sum.n.1}}'}]")
    assert (await _execute(loaded)).value == {"t": "n=2"}


async def test_a_failing_script_names_its_step(tmp_path: Path) -> None:
    write(tmp_path, "sum.py", "result = context['nothing']")
    with pytest.raises(ScriptFailed) as caught:
        await _execute(plan(tmp_path))
    assert caught.value.detail.startswith("step 2 of 2, sum: the script came to no result")


async def test_the_deadline_of_the_run_holds_for_its_scripts(tmp_path: Path) -> None:
    write(tmp_path, "sum.py", "while True: pass")
    with pytest.raises(ScriptFailed, match="longer than it may"):
        await _execute(plan(tmp_path), seconds=0.3)
