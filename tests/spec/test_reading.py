"""From a raw document to a typed one: section 1 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import Diagnostics, Severity
from naftiko_runtime.load.nodes import START, Node, Seq
from naftiko_runtime.spec.reading import KNOWN_VERSIONS, read_document
from tests.spec.typed import document, odd

VERSION = "naftiko: 1.0.0-alpha2"


@pytest.mark.parametrize("root", [Seq("x.yaml", START), "text", 5], ids=["list", "text", "number"])
def test_a_document_that_is_no_mapping_is_an_error(root: Node) -> None:
    diagnostics = Diagnostics()
    assert read_document(root, diagnostics) is None
    assert [one.code for one in diagnostics.errors] == ["document-not-a-mapping"]


@pytest.mark.parametrize(
    ("key", "version"), [(key, version) for key, many in KNOWN_VERSIONS.items() for version in many]
)
def test_known_versions_are_taken_without_a_word(key: str, version: str) -> None:
    assert document(f"{key}: {version}")[1] == []


@pytest.mark.parametrize(
    ("written", "code", "hint"),
    [
        ("naftiko: 1.0.0-alpa2", "version-unknown", "did you mean '1.0.0-alpha2'?"),
        ("naftiko: 2", "version-unknown", None),
        ("ikanos: 1.0.0-beta9", "version-unknown", "did you mean '1.0.0-beta5'?"),
        ("naftiko:", "version-unknown", None),
        ("info: {}", "version-missing", "add a line such as: naftiko: 1.0.0-alpha2"),
    ],
)
def test_another_version_or_none_is_a_warning(written: str, code: str, hint: str | None) -> None:
    typed, (found,) = document(written)
    assert typed is not None
    assert (found.severity, found.code) == (Severity.WARNING, code)
    if hint is None or "did you mean '1.0.0-beta" not in hint:
        assert found.hint == hint
    else:
        assert found.hint is not None
        assert found.hint.startswith("did you mean '1.0.0-beta")


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        pytest.param("capabilty: {}", "2:1", "did you mean 'capability'?", id="root"),
        pytest.param("info: {owner: x}", "2:8", None, id="nothing-near"),
        pytest.param(
            "capability: {consumes: [{baseUrl: x}]}", "2:26", "did you mean 'baseUri'?", id="inside"
        ),
        pytest.param(
            "capability: {exposes: {type: mcp, tools: {t: {descripton: x}}}}",
            "2:47",
            "did you mean 'description'?",
            id="in-a-keyed-map",
        ),
        pytest.param(
            "capability: {aggregates: [{flow: []}]}", "2:28", "did you mean 'flows'?", id="alias"
        ),
    ],
)
def test_an_unknown_key_is_a_warning_with_the_near_name(
    text: str, key: str, hint: str | None
) -> None:
    typed, (found,) = document(f"{VERSION}\n{text}")
    assert typed is not None
    assert (found.severity, found.code, found.hint) == (Severity.WARNING, "key-unknown", hint)
    assert str(found.position) == f"x.yaml:{key}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("info: [a]", "2:7 'info' has to be a mapping", id="list-for-a-mapping"),
        pytest.param("info: {label: [a]}", "2:15 'label' has to be a text", id="list-for-a-text"),
        pytest.param(
            "capability: {exposes: [{type: rest, port: http}]}",
            "2:43 'port' has to be a whole number",
            id="word-for-a-number",
        ),
        pytest.param(
            "capability: {exposes: [{type: rest, port: 80.5}]}",
            "2:43 'port' has to be a whole number",
            id="fraction-for-a-number",
        ),
        pytest.param(
            "capability: {exposes: [{type: rest, port: [1]}]}",
            "2:43 'port' has to be a whole number",
            id="list-for-a-number",
        ),
        pytest.param(
            "capability: {exposes: [{type: rest, port: true}]}",
            "2:43 'port' has to be a whole number",
            id="boolean-for-a-number",
        ),
        pytest.param(
            "capability: {exposes: [{type: mcp, ttlMs: false}]}",
            "2:43 'ttlMs' has to be a whole number",
            id="boolean-for-a-time",
        ),
        pytest.param(
            "capability: {exposes: [{type: rest, port: 65536}]}",
            "2:43 'port' has to be at most 65535",
            id="port-too-large",
        ),
        pytest.param(
            "capability: {exposes: [{type: mcp, ttlMs: -1}]}",
            "2:43 'ttlMs' has to be at least 0",
            id="negative-time",
        ),
        pytest.param(
            "capability: {exposes: [{type: mcp, tools: {t: {hints: {readOnly: maybe}}}}]}",
            "2:66 'readOnly' has to be true or false",
            id="word-for-a-boolean",
        ),
        pytest.param(
            "capability: {exposes: [{type: mcp, tools: {t: {hints: {readOnly: [a]}}}}]}",
            "2:66 'readOnly' has to be true or false",
            id="list-for-a-boolean",
        ),
        pytest.param(
            "capability: {consumes: [{resources: 5}]}",
            "2:37 'resources' has to be a list",
            id="number-for-a-list",
        ),
        pytest.param(
            "capability: {consumes: [{resources: [a]}]}",
            "2:38 'resources.0' has to be a mapping",
            id="word-for-a-mapping-in-a-list",
        ),
        pytest.param(
            "capability: {exposes: [{type: rest, resources: [{operations: [{with: 5}]}]}]}",
            "2:70 'with' has to be a mapping",
            id="number-for-a-free-mapping",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_at_its_place(text: str, message: str) -> None:
    assert odd(f"{VERSION}\n{text}") == [("value-invalid", message)]


@pytest.mark.parametrize("type_", ["rest", "mcp", "skill", "control"])
@pytest.mark.parametrize(("written", "port"), [("'8080'", 8080), ("8080", 8080), ("0", 0)])
def test_a_port_may_be_written_as_text(type_: str, written: str, port: int) -> None:
    adapter = f"{{type: {type_}, port: {written}}}"
    read, _ = document(f"{VERSION}\ncapability: {{exposes: [{adapter}]}}")
    assert read is not None
    assert read.capability is not None
    assert [one.port for one in read.capability.exposes] == [port]


def test_all_wrong_values_are_reported_at_once() -> None:
    text = "info: {label: [a]}\ncapability: {consumes: [{resources: 5}], exposes: [{type: rst}]}"
    typed, found = document(f"{VERSION}\n{text}")
    assert typed is None
    codes = [one.code for one in found]
    assert codes == ["value-invalid", "value-invalid", "adapter-type-unknown"]


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("rset", "there is no adapter type 'rset'", "did you mean 'rest'?"),
        (
            "graphql",
            "there is no adapter type 'graphql'",
            "the types are rest, mcp, skill and control",
        ),
    ],
)
def test_an_unknown_adapter_type_is_an_error(written: str, message: str, hint: str) -> None:
    _, (found,) = document(f"{VERSION}\ncapability: {{exposes: [{{type: {written}}}]}}")
    assert (found.code, found.message, found.hint) == ("adapter-type-unknown", message, hint)
    assert str(found.position) == "x.yaml:2:24"


@pytest.mark.parametrize("written", ["{port: 8080}", "{type: 5}", "word"])
def test_an_adapter_that_does_not_show_its_type_is_an_error(written: str) -> None:
    assert odd(f"{VERSION}\ncapability: {{exposes: [{written}]}}") == [
        ("value-missing", "2:24 an adapter has to say its type: rest, mcp, skill or control")
    ]
