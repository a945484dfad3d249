"""The checks of the official MCP conformance suite: made, read, and held against the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

import orjson
import yaml

from tests.conformance.node import Node

NOT_APPLICABLE: Final = Path(__file__).parent / "not_applicable.yaml"

_SUITE_SECONDS: Final = 300
_RESULTS: Final = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")
_SCENARIO: Final = re.compile(r"^=== Running scenario: (\S+) ===$", re.MULTILINE)


class Status(IntEnum):
    """What a check came to, the worst last."""

    SKIPPED = 0
    INFO = 1
    SUCCESS = 2
    WARNING = 3
    FAILURE = 4


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one scenario; of several with one id, the one that came to the worst.

    Attributes:
        status: What it came to.
        message: Why, where it did not pass.
    """

    status: Status
    message: str

    @property
    def is_passed(self) -> bool:
        """Whether the server does what is asked."""
        return self.status is Status.SUCCESS

    @property
    def is_failed(self) -> bool:
        """Whether the server does not do what is asked, or what is only recommended."""
        return self.status > Status.SUCCESS


@dataclass(frozen=True, slots=True)
class Run:
    """One run of all scenarios of a revision.

    Attributes:
        suite: The suite's package, by the name that `package.json` gives it.
        revision: The revision of the protocol that clients speak.
    """

    suite: str
    revision: str

    def __str__(self) -> str:
        return f"{self.suite}-{self.revision}"

    def checks(self, node: Node, url: str, folder: Path) -> dict[str, Check]:
        """Let the suite loose on a server.

        Args:
            node: What runs it.
            url: The server.
            folder: Where the suite's results go.

        Returns:
            Checks by `SCENARIO:ID`, as the suite itself writes them.
        """
        options = ("--suite", "all", "--spec-version", self.revision, "--output-dir", str(folder))
        script = f"node_modules/{self.suite}/dist/index.js"
        ran = node.run(_SUITE_SECONDS, script, "server", "--url", url, *options)
        begun = {*_SCENARIO.findall(ran.stdout)}
        checks = dict(sorted(_read(folder), key=_severity))
        reported = {key.partition(":")[0] for key in checks}
        assert begun, f"the suite ran nothing:\n{ran.stdout}\n{ran.stderr}"
        assert begun == reported, f"scenarios without a result: {begun ^ reported}\n{ran.stderr}"
        return checks


def _severity(one: tuple[str, Check]) -> Status:
    return one[1].status


def _read(folder: Path) -> Iterator[tuple[str, Check]]:
    for results in folder.glob("*/checks.json"):
        match = _RESULTS.fullmatch(results.parent.name)
        assert match is not None, results
        for check in orjson.loads(results.read_bytes()):
            key = f"{match['scenario']}:{check['id']}"
            yield key, Check(Status[check["status"]], check.get("errorMessage") or "")


def not_applicable() -> Mapping[str, str]:
    """Return the reason of each check that does not apply."""
    entries = yaml.safe_load(NOT_APPLICABLE.read_text())
    return {check: entry["reason"] for entry in entries for check in entry["checks"]}
