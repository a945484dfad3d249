"""Scripts of a few lines, run by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.errors import ScriptFailed
from naftiko_runtime.execute.scripts import Scripts
from naftiko_runtime.plan.scripts import ScriptPlan, ScriptSource
from naftiko_runtime.values import Deadline, Json

PLENTY_SECONDS = 30.0
RAISED = "it raised an error, of which the log says more"


def script(language: str, *texts: str, seconds: float = 60.0) -> ScriptPlan:
    """Return a script of these files, the last of which is the script itself."""
    sources = [ScriptSource(Path(f"{number}.txt"), text) for number, text in enumerate(texts, 1)]
    return ScriptPlan(language, tuple(sources), seconds, Position("capability.yaml", 1, 1))


async def run(
    scripts: Scripts,
    language: str,
    *texts: str,
    context: dict[str, Json] | None = None,
    seconds: float = PLENTY_SECONDS,
) -> Json:
    """Run a script; it has plenty of time, but where a test is about that."""
    return await scripts.run(script(language, *texts), context or {}, Deadline.after(seconds))


async def endings(
    scripts: Scripts, language: str, texts: Iterable[str], seconds: float = 60.0
) -> dict[str, str]:
    """Return how each script ends: why it came to no result, or its result."""
    ends: dict[str, str] = {}
    for text in texts:
        plan = script(language, text, seconds=seconds)
        try:
            ends[text] = repr(await scripts.run(plan, {}, Deadline.after(PLENTY_SECONDS)))
        except ScriptFailed as error:
            ends[text] = error.detail.removeprefix("the script came to no result: ")
    return ends
