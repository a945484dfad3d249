"""Node.js of the version that the suite needs, and the packages that it runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end import npm

_OLDEST: Final = 22
_INSTALL_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Node:
    """Runs scripts of the packages that `package.json` names.

    Attributes:
        binary: The executable.
        folder: Where the packages are.
    """

    binary: str
    folder: Path

    def run(
        self, patience_seconds: float, script: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of the folder to its end."""
        return npm.run(self.folder, patience_seconds, self.binary, script, *arguments)


def installed_node(folder: Path) -> Node:
    """Install the packages of a folder and return what runs them; skip where that can't be."""
    npm.install(folder, _INSTALL_SECONDS)
    binary = next(map(str, folder.glob("node_modules/node-linux-*/bin/node")), "")
    node = Node(binary or shutil.which("node") or "node", folder)
    version = re.match(r"v(\d+)", node.run(_INSTALL_SECONDS, "--version").stdout)
    if version is None or int(version[1]) < _OLDEST:
        pytest.skip(f"Node.js {_OLDEST} is not installed")
    return node
