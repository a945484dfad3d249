"""Whose key goes upstream, and that no key is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from polytomic_sandbox import FIRST_SYNC_ID
from tests.end_to_end import calls
from tests.end_to_end.calls import SYNC_ID, UNKNOWN_ID
from tests.end_to_end.commands import MODELSYNC, POLYTOMIC, Serve, Served, assert_no_secret
from tests.end_to_end.faces import API_KEY, McpFace, mcp_face, rest_client, send, text_of
from tests.end_to_end.scripted_upstream import ScriptedUpstream


@pytest.fixture(scope="module")
def keyless_mcp(keyless: Served) -> Iterator[McpFace]:
    with mcp_face(keyless.mcp, "2026-07-28") as face:
        yield face


def test_with_the_environments_key_callers_need_none(client: httpx.Client) -> None:
    assert send(client, calls.get_sync(FIRST_SYNC_ID)).status_code == 200


def test_the_environments_key_goes_upstream_as_a_bearer_token(
    scripted: Served, upstream: ScriptedUpstream
) -> None:
    assert _sent_authorization(scripted, upstream, {}) == [f"Bearer {API_KEY}".encode()]


def test_a_callers_own_authorization_replaces_the_environments(
    scripted: Served, upstream: ScriptedUpstream
) -> None:
    sent = _sent_authorization(scripted, upstream, {"Authorization": "Bearer of the caller"})
    assert sent == [b"Bearer of the caller"]


def test_without_either_the_problem_names_the_variable(keyless: Served) -> None:
    with rest_client(f"{keyless.rest}/v1") as client:
        response = send(client, calls.list_syncs())
    problem = response.json()
    assert response.status_code == 401
    assert "www-authenticate" in response.headers
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "upstream-credential-missing"
    assert "POLYTOMIC_API_KEY" in problem["detail"]


def test_without_a_key_a_tools_error_names_the_variable(keyless_mcp: McpFace) -> None:
    result = keyless_mcp.result("list-syncs", {})
    assert result.is_error
    assert "POLYTOMIC_API_KEY" in text_of(result)
    assert "upstream-credential-missing" in text_of(result)


def test_without_a_key_a_warning_says_how_to_set_it(keyless: Served) -> None:
    assert "POLYTOMIC_API_KEY" in keyless.process.stderr
    assert "modelsync.yaml:" in keyless.process.stderr


def test_a_model_can_not_supply_credentials(keyless_mcp: McpFace) -> None:
    result = keyless_mcp.result("list-syncs", {"Authorization": f"Bearer {API_KEY}"})
    assert result.is_error
    assert "input-invalid" in text_of(result)


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_the_key_is_in_no_log_and_no_answer(
    log_format: str, served: Serve, upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    """Every answer is searched as it arrives, and all that was printed once more at the end."""
    (tmp_path / ".env").write_text(f"POLYTOMIC_API_KEY='{API_KEY}'\n")
    options = ("--log-level", "debug", "--log-format", log_format)
    env_file = ("--env-file", str(tmp_path / ".env"))
    with served(MODELSYNC, f"{POLYTOMIC}={upstream.url}", {}, *options, *env_file) as runtime:
        with rest_client(f"{runtime.rest}/v1") as client, mcp_face(runtime.mcp, "legacy") as face:
            for sync_id in (SYNC_ID, "no-http", "resets", API_KEY):
                send(client, calls.get_sync(sync_id))
                face.result("get-sync", {"id": sync_id})
            client.get("/api/syncs", params={"limit": "abc"})
            client.get(f"/{API_KEY}")
        process = runtime.process
    assert_no_secret(API_KEY, process.stdout + process.stderr)
    assert UNKNOWN_ID not in process.stderr


def _sent_authorization(
    served: Served, upstream: ScriptedUpstream, headers: dict[str, str]
) -> list[bytes]:
    """Return the values of all `Authorization` headers that one call sends upstream."""
    upstream.received.clear()
    with rest_client(f"{served.rest}/v1", headers) as client:
        assert send(client, calls.get_sync(SYNC_ID)).status_code == 200
    [received] = upstream.received
    fields = [line.partition(b": ") for line in received.head.split(b"\r\n")]
    return [value for name, _, value in fields if name.lower() == b"authorization"]
