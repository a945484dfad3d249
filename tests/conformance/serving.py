"""`everything.yaml`, served; its tools can have it reloaded with something else in it."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.conformance.upstream import everything_upstream
from tests.end_to_end.commands import Process, running, serve_command

FOLDER: Final = Path(__file__).parent
CAPABILITY: Final = FOLDER / "everything.yaml"

_MCP: Final = re.compile(r"MCP +(http://\S+/mcp)\b")
_MARKS: Final = {"tool": "Answers a text", "prompt": "A prompt without arguments"}
"""What is changed in the document: part of a description."""


@dataclass(slots=True)
class _Document:
    """A copy of the document that is served and changed."""

    file: Path
    serving: list[Process] = field(default_factory=list)

    def change(self, kind: str) -> None:
        """Change what is said of one tool or prompt, and have that loaded."""
        mark = _MARKS[kind]
        self.file.write_text(self.file.read_text().replace(mark, f"{mark} as before"))
        for process in self.serving:
            process.signal(signal.SIGHUP)


@contextmanager
def serving_everything(folder: Path) -> Iterator[str]:
    """Serve a copy of the document while the block lasts.

    Args:
        folder: Where the copy goes.

    Yields:
        The URL of its MCP server.
    """
    document = _Document(folder / CAPABILITY.name)
    shutil.copy(CAPABILITY, document.file)
    with everything_upstream(document.change) as upstream:
        command = serve_command(document.file, f"everything={upstream}")
        with running(command, {}) as process:
            document.serving.append(process)
            yield process.awaits(_MCP)
