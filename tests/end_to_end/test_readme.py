"""What the README tells newcomers to type answers as they expect."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.end_to_end.commands import PATIENCE_SECONDS, ROOT, Served

_CURL = re.compile(r"^\$ curl 'http://localhost:8080(?P<target>[^']+)'$", re.MULTILINE)
_TARGETS = [
    one["target"].replace("\\", "") for one in _CURL.finditer((ROOT / "README.md").read_text())
]


def test_the_readme_shows_requests() -> None:
    assert len(_TARGETS) >= 2


@pytest.mark.parametrize("target", _TARGETS)
def test_a_request_of_the_readme_is_answered(polytomic: Served, target: str) -> None:
    response = httpx.get(polytomic.rest + target, trust_env=False, timeout=PATIENCE_SECONDS)
    assert response.status_code == 200, response.text
    assert response.json()["data"]
