"""From the document to resources: sections 3, 4 and 9 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.plan import static_folders
from naftiko_runtime.plan.mcp_parts import DynamicResource, Resource, StaticFolder, uri_of
from naftiko_runtime.plan.mcp_resources import plan_resources
from naftiko_runtime.plan.sizes import DEFAULT_BINARY_BYTES
from tests.plan.mcp_documents import codes, plan


def _dynamic(resource: Resource) -> DynamicResource:
    assert isinstance(resource, DynamicResource)
    return resource


def _folder(resource: Resource) -> StaticFolder:
    assert isinstance(resource, StaticFolder)
    return resource


def test_a_resource_says_what_the_document_says_of_it(tmp_path: Path) -> None:
    server, found = plan(
        tmp_path,
        """
        maxBinarySize: 1KiB
        resources:
        - name: all
          label: All ships
          description: The ships
          uri: ships://all
          mimeType: application/json
          binary: false
          call: api.list-ships
        """,
    )
    (one,) = map(_dynamic, server.resources)
    assert not found
    assert (one.name, one.title, one.description) == ("all", "All ships", "The ships")
    assert (one.uri.text, one.mime_type, one.binary) == ("ships://all", "application/json", False)
    assert (one.largest, one.is_template, one.operation.address) == (1024, False, "ships.all")


def test_a_resource_without_a_name_or_description_takes_what_there_is(tmp_path: Path) -> None:
    server, _ = plan(tmp_path, 'resources: [{uri: "ships://{imo}", call: api.get-ship}]')
    (one,) = map(_dynamic, server.resources)
    assert (one.name, one.description) == ("ships://{imo}", "A ship of the registry")
    assert one.largest == DEFAULT_BINARY_BYTES


@pytest.mark.parametrize(
    "with_",
    [
        "",
        "with: {imo: resources.id}",
        "with: {imo: mcp.id}",
        "with: {imo: ships.id}",
        'with: {imo: "{{id}}"}',
        'with: {imo: "{{resources.id}}"}',
    ],
)
def test_variables_of_the_uri_are_inputs(tmp_path: Path, with_: str) -> None:
    server, found = plan(
        tmp_path,
        f"""
        resources:
        - name: ship
          uri: ships://{{id}}
          call: api.get-ship
          {with_}
        """,
    )
    (one,) = map(_dynamic, server.resources)
    assert not found
    assert one.is_template
    assert [one.name for one in one.operation.inputs] == ["id", "detail", "flag"]
    assert one.operation.checker.check_json({"id": "1"}) == {"id": "1"}


def test_what_is_known_of_variables_can_be_completed(tmp_path: Path) -> None:
    server, _ = plan(
        tmp_path,
        """
        resources:
        - {name: a, uri: "ships://{imo}/{flag}/{detail}", call: api.get-ship}
        - name: b
          uri: other://{imo}
          call: api.get-ship
          inputParameters: [{name: imo, type: string, value: "9", example: "7"}]
        """,
    )
    first, second = map(_dynamic, server.resources)
    assert first.values == {"imo": (), "flag": ("NL", "NO", "SE"), "detail": ("true", "false")}
    assert second.values == {"imo": ("9", "7")}


def test_steps_functions_and_fixed_values_give_contents(tmp_path: Path) -> None:
    server, found = plan(
        tmp_path,
        """
        resources:
        - name: steps
          uri: a://{imo}
          steps: [{name: one, type: call, call: api.get-ship, with: {imo: resources.imo}}]
        - {name: function, uri: "b://{imo}", ref: fleet.lookup}
        - {name: fixed, uri: "c://", outputParameters: [{type: string, value: "{{GREETING}}"}]}
        """,
    )
    assert not found
    steps, function, fixed = map(_dynamic, server.resources)
    assert next(one.name for one in steps.operation.inputs) == "imo"
    assert function.description == "Looks a ship up"
    assert fixed.operation.action is None


def test_an_input_that_nobody_can_give_is_reported(tmp_path: Path) -> None:
    server, (found,) = plan(tmp_path, "resources: [{name: a, uri: a://b, call: api.get-ship}]")
    assert (found.code, found.severity) == ("input-unfed", Severity.WARNING)
    assert "'imo'" in found.message
    assert len(server.resources) == 1


def test_a_default_feeds_an_input_too(tmp_path: Path) -> None:
    _, found = plan(
        tmp_path,
        """
        resources:
        - name: a
          uri: a://b
          call: api.get-ship
          inputParameters: [{name: imo, type: string, value: "9"}]
        """,
    )
    assert not found


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("{name: x, uri: 'a://{+b}', call: api.list-ships}", "resource-uri-invalid"),
        ("{name: x, call: api.list-ships}", "resource-uri-invalid"),
        ("{name: x, uri: 'a://{b}', location: docs}", "resource-uri-invalid"),
        ("{name: x, uri: 'a://b', location: 'https://h/x'}", "location-unsupported"),
        ("{name: x, uri: 'a://b'}", "operation-without-action"),
        ("{name: x, uri: 'a://b', call: api.nothing}", "operation-unknown"),
        ("{name: x, uri: 'a://b', ref: fleet.nothing}", "reference-unknown"),
        ("{name: x, uri: 'a://b', steps: [{call: api.nothing}]}", "operation-unknown"),
    ],
)
def test_what_can_not_be_served_is_left_out(tmp_path: Path, resource: str, code: str) -> None:
    server, (found,) = plan(
        tmp_path, f"resources: [{resource}, {{name: y, uri: 'a://c', call: api.list-ships}}]"
    )
    assert (found.code, found.severity, found.unit) == (code, Severity.ERROR, "ships.x")
    assert [uri_of(one) for one in server.resources] == ["a://c"]


def test_of_two_resources_at_one_uri_the_first_is_served(tmp_path: Path) -> None:
    server, (found,) = plan(
        tmp_path,
        """
        resources:
        - {name: one, uri: "a://{b}", call: api.get-ship, with: {imo: resources.b}}
        - {name: two, uri: "a://{{b}}", call: api.list-ships}
        """,
    )
    assert found.code == "resource-duplicate"
    assert [_dynamic(one).name for one in server.resources] == ["one"]


def test_folders_are_found_from_the_file_and_stay_in_order(tmp_path: Path) -> None:
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    (tmp_path / "docs" / "sub" / "a.md").write_text("# a")
    server, found = plan(
        tmp_path,
        f"""
        resources:
        - {{name: one, uri: "one://", location: file:///./docs}}
        - {{name: all, uri: "ships://all", call: api.list-ships}}
        - {{name: two, uri: "two://x", location: "{(tmp_path / "docs").as_uri()}"}}
        - {{name: three, uri: "three://a", location: docs/sub/a.md, mimeType: text/plain}}
        """,
    )
    assert not found
    assert [uri_of(one) for one in server.resources] == [
        "one://",
        "ships://all",
        "two://x/",
        "three://a",
    ]
    one, two, three = (_folder(server.resources[index]) for index in (0, 2, 3))
    assert [file.uri for file in one.files] == ["one://sub/a.md"]
    assert [file.uri for file in two.files] == ["two://x/sub/a.md"]
    assert [(file.uri, file.mime_type) for file in three.files] == [("three://a", "text/plain")]
    assert one.address == "ships.one"
    assert server.places == {tmp_path / "docs", tmp_path / "docs" / "sub" / "a.md"}


def test_a_folder_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    server, (found,) = plan(tmp_path, "resources: [{name: a, uri: 'a://', location: ./docs}]")
    assert (found.code, found.severity) == ("location-missing", Severity.WARNING)
    assert _folder(server.resources[0]).files == ()


def test_a_folder_of_very_many_files_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a", "b"):
        (tmp_path / "docs" / name).touch()
    few = lambda path, uri, mime_type: static_folders.list_files(path, uri, mime_type, 1)  # noqa: E731
    monkeypatch.setattr(plan_resources.__module__ + ".list_files", few)
    server, found = plan(tmp_path, "resources: [{name: a, uri: 'a://', location: ./docs}]")
    assert codes(found) == ["folder-too-large"]
    assert len(_folder(server.resources[0]).files) == 1


def test_a_folder_goes_before_a_call(tmp_path: Path) -> None:
    server, found = plan(
        tmp_path, "resources: [{name: a, uri: 'a://', location: ., call: api.list-ships}]"
    )
    assert codes(found) == ["value-invalid"]
    assert _folder(server.resources[0]).files
