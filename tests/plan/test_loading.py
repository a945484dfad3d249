"""From a file to a capability: sections 1 and 2 of the behaviour."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from tests.documents import ONE_OPERATION
from tests.plan.planned import plan

BAD_UNIT = ONE_OPERATION + "    - {name: bad, description: Bad, call: api.nothing}\n"
BOUND = ONE_OPERATION.replace(
    "capability:", "binds: [{keys: {TOKEN: KEY}}]\ncapability:", 1
).replace("type: boolean", "value: '{{TOKEN}}'")


def test_a_sound_document_is_a_capability_without_findings(tmp_path: Path) -> None:
    made = plan(tmp_path, ONE_OPERATION)
    assert list(made.units) == ["ships-mcp.get-ship", "ships-rest.get-ship"]
    assert not made.messages
    assert not made.loaded.is_section


def test_a_capability_is_named_by_its_label(tmp_path: Path) -> None:
    info = "info: {label: Ships, description: All ships, version: 1.2.0}\ncapability:"
    made = plan(tmp_path, ONE_OPERATION.replace("capability:", info, 1)).capability
    assert (made.name, made.description, made.version) == ("Ships", "All ships", "1.2.0")


@pytest.mark.parametrize("info", ["", "info: {description: All ships}\n"])
def test_a_capability_without_a_label_is_named_by_its_file(tmp_path: Path, info: str) -> None:
    made = plan(tmp_path, ONE_OPERATION.replace("capability:", f"{info}capability:", 1))
    assert made.capability.name == "capability"
    assert made.capability.version is None


@pytest.mark.parametrize("text", ["", "# nothing but a remark\n", "---\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, text: str) -> None:
    made = plan(tmp_path, text)
    assert made.loaded.capability is None
    assert made.messages == [f"error document-empty 0: {made.loaded.path} is empty"]


@pytest.mark.parametrize("text", ["- a\n", "just text\n", "5\n"])
def test_a_file_that_holds_no_mapping_is_an_error(tmp_path: Path, text: str) -> None:
    made = plan(tmp_path, text)
    assert made.loaded.capability is None
    (message,) = made.messages
    assert message.startswith("error document-not-a-mapping ")


def test_a_file_that_can_not_be_read_is_one_error(tmp_path: Path) -> None:
    made = plan(tmp_path, "a: [")
    assert made.loaded.capability is None
    (message,) = made.messages
    assert message.startswith("error yaml-invalid ")


def test_a_document_that_can_not_be_typed_is_no_capability(tmp_path: Path) -> None:
    made = plan(tmp_path, "naftiko: 1.0.0-alpha3\ncapability: {exposes: 5}\n")
    assert made.loaded.capability is None
    (message,) = made.messages
    assert message.startswith("error value-missing 2: ")


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("consumes: [{type: http, namespace: api, baseUri: 'http://a.test'}]", "consumes"),
        ("aggregates: []", "aggregates"),
        ("exposes: []", "exposes"),
        ("binds: [{keys: {A: B}}]", "binds"),
    ],
)
def test_a_file_of_sections_is_no_capability_and_no_mistake(
    tmp_path: Path, text: str, section: str
) -> None:
    made = plan(tmp_path, f"naftiko: 1.0.0-alpha3\n{text}\n")
    assert made.loaded.capability is None
    assert made.loaded.is_section
    assert made.messages == [
        f"info not-a-capability 1: {made.loaded.path} is a section file: "
        f"others import its {section}"
    ]


@pytest.mark.parametrize("text", ["", "capability:\n"])
def test_a_file_with_neither_capability_nor_sections_is_an_error(tmp_path: Path, text: str) -> None:
    made = plan(tmp_path, f"naftiko: 1.0.0-alpha3\n{text}")
    assert made.loaded.capability is None
    assert not made.loaded.is_section
    assert made.messages == [
        f"error not-a-capability 1: {made.loaded.path} is no capability: it has no 'capability'"
    ]


def test_a_capability_that_exposes_nothing_is_a_warning(tmp_path: Path) -> None:
    made = plan(tmp_path, "naftiko: 1.0.0-alpha3\ncapability: {consumes: []}\n")
    assert made.messages == [f"warning nothing-exposed 2: {made.loaded.path} exposes nothing"]
    assert (made.capability.rest, made.capability.mcp) == ((), ())


def test_a_unit_that_can_not_be_served_is_left_out_and_the_rest_is_served(tmp_path: Path) -> None:
    made = plan(tmp_path, BAD_UNIT)
    assert len(made.messages) == 1
    assert len(made.units) == 2


def test_strict_makes_a_unit_that_can_not_be_served_fatal(tmp_path: Path) -> None:
    assert plan(tmp_path, BAD_UNIT, LoadOptions(strict=True)).loaded.capability is None


def test_an_error_of_the_whole_document_stops_the_capability(tmp_path: Path) -> None:
    text = ONE_OPERATION.replace("http://upstream.test/v1", "ftp://upstream.test")
    made = plan(tmp_path, text)
    assert made.loaded.capability is None
    assert len(made.messages) == 1


def test_a_variable_without_a_value_is_one_warning_that_says_how_to_set_it(tmp_path: Path) -> None:
    made = plan(tmp_path, BOUND)
    assert made.messages == [
        "warning variable-missing 16: "
        "the variable 'TOKEN' has no value; calls that need it will fail"
    ]
    assert made.loaded.diagnostics[0].hint == "set the environment variable KEY"


def test_a_variable_without_a_value_stops_a_capability_that_requires_its_binds(
    tmp_path: Path,
) -> None:
    made = plan(tmp_path, BOUND, LoadOptions(require_binds=True))
    assert made.loaded.capability is None
    assert [one.split(" 16:")[0] for one in made.messages] == ["error variable-missing"]


def test_the_values_of_variables_are_secrets_of_the_capability(tmp_path: Path) -> None:
    made = plan(tmp_path, BOUND, LoadOptions(environment={"KEY": "s3cret"}))
    assert made.capability.secrets == {"s3cret"}


def test_the_files_that_are_imported_are_told(tmp_path: Path) -> None:
    shared = tmp_path / "shared.yaml"
    shared.write_text(
        "naftiko: 1.0.0-alpha3\n"
        "consumes: [{type: http, namespace: api, baseUri: 'http://a.test', resources: []}]\n"
    )
    made = plan(
        tmp_path,
        """
        naftiko: 1.0.0-alpha3
        capability:
          consumes: [{location: shared.yaml, import: api}]
          exposes: [{type: mcp, namespace: m, tools: []}]
        """,
    )
    assert not made.messages
    assert [one.name for one in made.loaded.sources] == ["shared.yaml"]


@pytest.mark.parametrize("enabled", [True, False])
def test_loading_leaves_the_garbage_collector_as_it_was(tmp_path: Path, enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        plan(tmp_path, ONE_OPERATION)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()
