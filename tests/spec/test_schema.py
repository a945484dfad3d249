"""The published JSON Schema: made from the blocks, and true for every file at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.nodes import Map, Node
from naftiko_runtime.load.sections import list_sections
from naftiko_runtime.load.yaml_reader import read_file, read_text
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.document import Document
from naftiko_runtime.spec.reading import read_document
from naftiko_runtime.spec.schema import DIALECT, capability_schema, spellings_of

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "schema" / "capability.schema.json"
SCHEMA = capability_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
OWN = ("examples", "capabilities")
SHARED = ("corpus", "tutorial")

HEAD = "naftiko: 1.0.0-alpha3\ncapability:\n"


def folders() -> Iterator[Path]:
    """Yield the folders of capabilities, those beside a checkout only where they are."""
    yield from (ROOT / name for name in OWN)
    for above in ROOT.parents:
        if (above / "shared").is_dir():
            yield from (above / "shared" / name for name in SHARED)
            return


def files() -> list[Path]:
    """Return every capability and section file."""
    found = [file for folder in folders() for file in folder.rglob("*.y*ml")]
    return sorted(file for file in found if "manual" not in file.parts)


def blocks(block: type[Block] = Block) -> Iterator[type[Block]]:
    for one in block.__subclasses__():
        if one.__module__.startswith("naftiko_runtime."):
            yield one
        yield from blocks(one)


def read(text: str) -> Node:
    return read_text(text.encode(), "capability.yaml", Diagnostics())


def typed(text: str, diagnostics: Diagnostics) -> Document | None:
    """Type a document as loading does, but for what it imports."""
    root = read(text)
    if isinstance(root, Map):
        list_sections(root)
    return read_document(root, diagnostics)


def problems(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(read(text))]


def test_the_published_file_is_up_to_date(request: pytest.FixtureRequest) -> None:
    expected = json.dumps(SCHEMA, indent=1) + "\n"
    if request.config.getoption("--update-goldens"):
        FILE.write_text(expected)
    hint = "run pytest with --update-goldens and read the difference"
    assert FILE.read_text() == expected, f"{FILE.name} is not what the blocks give; {hint}"


def test_it_is_a_schema_of_the_draft_it_names() -> None:
    assert SCHEMA["$schema"] == DIALECT == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", files(), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_file_at_hand_is_valid(file: Path) -> None:
    node = read_file(file, file.name, Diagnostics())
    assert [error.message for error in VALIDATOR.iter_errors(node)] == []


@pytest.mark.parametrize("block", dict.fromkeys(blocks()), ids=lambda block: block.__name__)
def test_it_knows_every_key(block: type[Block]) -> None:
    described = SCHEMA["$defs"]
    assert isinstance(described, dict)
    if block.__name__ == "Action":  # only what is derived from it stands in documents
        assert block.__name__ not in described
        return
    one = described[block.__name__]
    assert isinstance(one, dict)
    assert isinstance(one["properties"], dict)
    known = {key for name, field in block.model_fields.items() for key in spellings_of(name, field)}
    assert known == one["properties"].keys()
    assert one["description"]


API = HEAD + "  consumes: [{type: http, namespace: a, baseUri: http://a.test, %s}]"
TOOLS = HEAD + "  exposes: [{type: mcp, namespace: m, port: 1, %s}]"
READ = [
    API % "resources: {ship: {path: /s, operations: {get: {method: GET}, list: }}}",
    API % "resources: [{name: ship, path: /s, operations: {name: get, method: get}}]",
    API % "x-resilience: {retries: off, circuitBreaker: false, timeouts: {read: 250ms}}",
    API % "x-resilience: {retries: {attempts: '2', backoff: 0.5}, concurrency: }",
    API % "x-tls: {ca: ca.pem, serverName: a.test}",
    API % "x-anything: {of: [mine]}, unknown: 1",
    API % "resources: [{path: /s, operations: [{name: p, method: POST, body: '{{x}}'}]}]",
    API % "resources: [{path: /s, operations: [{name: p, body: {type: json, data: {a: 1}}}]}]",
    API % "resources: [{path: /s, operations: [{name: p, body: [1, 2]}]}]",
    API % "authentication: {type: apikey, keys: {one: '{{ONE}}'}, scopes: one}",
    TOOLS % "tools: {ship: {display: A ship, call: a.get, hints: {readOnly: 'yes'}}}",
    TOOLS % "tools: [{name: 7, description: true, outputParameters: [{items: [{type: string}]}]}]",
    TOOLS.replace("type: mcp", "type: MCP") % "transport: carrier pigeon",
    TOOLS.replace("type: mcp, ", "") % "tools: [], port: '1'",
    HEAD.replace("naftiko", "ikanos") + "  aggregates: [{namespace: f, flows: {a: {call: a.b}}}]",
    "consumes: {namespace: a, resources: []}",
    HEAD + "  consumes: {a: {type: http, baseUri: 'http://a.test'}}",
    HEAD + "  exposes: {gate: {type: rest, port: 1, resources: {}}}",
]


@pytest.mark.parametrize("text", READ)
def test_what_is_read_is_valid(text: str) -> None:
    assert problems(text) == []
    diagnostics = Diagnostics()
    assert typed(text, diagnostics) is not None, list(diagnostics)


REFUSED = [
    "[]",
    "capability: 7",
    HEAD + "  consumes: {a: {baseUri: []}}",
    HEAD + "  exposes: {gate: {type: soap}}",
    API % "resources: [7]",
    API % "resources: {ship: 7}",
    API % "authentication: Bearer",
    API % "x-resilience: {retries: on and on}",
    API % "x-resilience: {retries: {attempts: 11}}",
    API % "x-resilience: {timeouts: {read: soon}}",
    API % "x-resilience: {timeouts: {read: 0}}",
    API % "x-resilience: {concurrency: {limit: 0}}",
    TOOLS % "tools: [{hints: {readOnly: perhaps}}]",
    TOOLS % "tools: [{name: {a: 1}}]",
    TOOLS % "tools: [{with: 7}]",
    TOOLS.replace("port: 1", "port: 65536") % "tools: []",
    TOOLS.replace("type: mcp", "type: soap") % "tools: []",
    TOOLS.replace("type: mcp, ", "") % "tools: 7",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_is_not_valid(text: str) -> None:
    assert problems(text)
    assert typed(text, Diagnostics()) is None


@pytest.mark.parametrize(
    ("block", "key", "word"),
    [
        ("ConsumedOperation", "method", "GET"),
        ("McpAdapter", "transport", "stdio"),
        ("InputParameter", "in", "query"),
        ("Document", "ikanos", "1.0.0-beta5"),
    ],
)
def test_editors_are_offered_words(block: str, key: str, word: str) -> None:
    described = SCHEMA["$defs"]
    assert word in json.dumps(described[block]["properties"][key])  # type: ignore[index,call-overload]
