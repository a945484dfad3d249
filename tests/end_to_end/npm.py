"""What npm brings: clients in another language. Tests are skipped where it can bring nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

_NO_NETWORK: Final = re.compile(
    "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED|E403"
)
_INSTALL: Final = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")


def install(folder: Path, patience_seconds: float) -> None:
    """Install what a folder's lock file names, or skip the test.

    Args:
        folder: Has a `package.json` and a lock file.
        patience_seconds: How long that may take.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    try:
        installed = run(folder, patience_seconds, *_INSTALL)
    except subprocess.TimeoutExpired:
        pytest.skip("the npm registry does not answer")
    if installed.returncode and _NO_NETWORK.search(installed.stderr):
        pytest.skip("the npm registry can't be reached")
    assert installed.returncode == 0, installed.stderr


def run(folder: Path, patience_seconds: float, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=patience_seconds, check=False
    )
