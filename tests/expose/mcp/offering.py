"""A capability with resources and prompts of every kind, and folders to serve."""

from __future__ import annotations

from pathlib import Path

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.plan.adapters import McpPlan
from tests.expose.mcp.serving import plan_of
from tests.upstreams import RecordingClient, answer

PNG = b"\x89PNG\r\n\x1a\n\0"

LIBRARY = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test/v1
    resources:
    - path: /ships/{imo}
      name: ship
      operations:
      - name: get-ship
        method: GET
        inputParameters:
        - {name: flag, in: query, type: string, enum: [NL, NO, SE]}
    - path: /ships
      name: ships
      operations:
      - {name: list-ships, method: GET}
  exposes:
  - type: mcp
    namespace: library
    port: 0
    maxBinarySize: 2KiB
    resources:
    - {name: all, label: All, description: All ships, uri: "ships://all", call: api.list-ships}
    - {name: ship, label: A ship, uri: "ships://{imo}", mimeType: application/json,
       call: api.get-ship}
    - {name: flagged, uri: "flags://{flag}/{imo}", call: api.get-ship}
    - {name: motd, uri: "motd://today", mimeType: text/plain,
       outputParameters: [{type: string, value: "Ahoy!"}]}
    - {name: names, uri: "names://all", steps: [{name: s, call: api.list-ships}],
       mappings: [{targetName: names, value: "$.s.ships[*].name"}]}
    - {name: logo, uri: "logo://{imo}", binary: true, call: api.get-ship}
    - {name: docs, label: Manual, description: The manual, uri: "docs://", location: ./docs}
    prompts:
    - name: explain
      label: Explain
      description: Explains a topic
      arguments:
      - {name: topic, label: Topic, description: What}
      - {name: tone, required: false, default: sober, enum: [sober, silly, solemn]}
      template:
      - {role: user, content: "Explain {topic} in a {{tone}} tone."}
      - {role: assistant, content: "Gladly."}
    - name: describe
      arguments: [{name: imo, description: d}]
      template: [{content: "Describe {imo}:", call: api.get-ship}]
    - {name: brief, location: ./docs/brief.txt}
"""


def library(folder: Path) -> McpPlan:
    """Return the MCP server, its folder written beside it."""
    docs = folder / "docs"
    (docs / "guide").mkdir(parents=True, exist_ok=True)
    (docs / "brief.txt").write_text("Be brief about {{topic}}.")
    (docs / "guide" / "a b.md").write_text("# Guide")
    (docs / "logo.png").write_bytes(PNG)
    (docs / "large.txt").write_text("x" * 3000)
    (docs / "NOTES").write_text("plain")
    (docs / ".env").write_text("SECRET=1")
    (folder / "secret.txt").write_text("SECRET=2")
    return plan_of(folder, LIBRARY)


def respond(request: UpstreamRequest) -> UpstreamResponse:
    """Answer as the registry of ships does."""
    target = request.target.decode()
    if target.startswith("/v1/ships/404"):
        return answer({"message": "no such ship"}, 404)
    if target.startswith("/v1/ships/503"):
        return answer({"message": "later"}, 503, ((b"retry-after", b"7"),))
    if target.startswith("/v1/ships/png"):
        return UpstreamResponse(200, ((b"content-type", b"image/png"),), PNG)
    if target.startswith("/v1/ships/large"):
        return UpstreamResponse(200, ((b"content-type", b"text/plain"),), b"x" * 3000)
    if target == "/v1/ships":
        return answer({"ships": [{"name": "Ada"}, {"name": "Bo"}]})
    return answer({"target": target})


def registry() -> RecordingClient:
    """Return the upstream."""
    return RecordingClient(respond)
