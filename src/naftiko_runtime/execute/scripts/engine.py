"""What the engines of all script languages share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from naftiko_runtime.errors import ScriptFailed, UpstreamBodyInvalid
from naftiko_runtime.execute.formats.json_format import decode_json
from naftiko_runtime.plan.scripts import ScriptPlan, ScriptSource
from naftiko_runtime.values import Deadline, Json, record

MEMORY_BYTES: Final = 64 * 1024 * 1024
"""How much one script may hold."""

RESULT_BYTES: Final = 10 * 1024 * 1024
"""How long the JSON of a result may be."""

AT_ONCE: Final = 4
"""How many scripts of one language run at once; the others wait."""

TOO_SLOW: Final = "it took longer than it may"
TOO_LARGE: Final = "it used more memory than it may"
TOO_LONG: Final = f"its result is longer than {RESULT_BYTES} bytes"
NO_JSON: Final = "its result is not JSON"


@record
class SyntaxProblem:
    """What keeps a file from being a script.

    Attributes:
        source: The file.
        detail: What is wrong.
        line: Where, from 1; None if the engine does not say.
        column: Where in the line, from 1.
    """

    source: ScriptSource
    detail: str
    line: int | None = None
    column: int = 1


class ScriptEngine(Protocol):
    """Runs the scripts of one language, each of them shut off from everything but its context."""

    async def run(self, script: ScriptPlan, context: bytes, deadline: Deadline) -> Json:
        """Run a script and return what it assigned to `result`; null if it assigned nothing.

        Args:
            script: What to run.
            context: What it sees as `context`, in JSON.
            deadline: When its call has to be over.

        Raises:
            ScriptFailed: It failed, or took more time, memory or room than it may.
        """
        ...

    async def aclose(self) -> None:
        """End what runs, and every process that was started."""
        ...


class CheckSyntax(Protocol):
    """Finds what is wrong with files of one language, without running them."""

    def __call__(self, sources: Sequence[ScriptSource]) -> list[SyntaxProblem]:
        """Return what is wrong, in the order of the files."""
        ...


def failed(reason: str) -> ScriptFailed:
    """Return the error of a script, for a reason that holds nothing the script itself said."""
    return ScriptFailed(f"the script came to no result: {reason}")


def read_result(text: str) -> Json:
    """Return what the JSON of a result stands for.

    Raises:
        ScriptFailed: It is too long, or no JSON.
    """
    if len(text) > RESULT_BYTES:
        raise failed(TOO_LONG)
    try:
        return decode_json(text.encode(), None)
    except (UpstreamBodyInvalid, UnicodeError):
        raise failed(NO_JSON) from None
