"""From the document to prompts: sections 3, 4 and 9 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostic, Severity
from naftiko_runtime.errors import InvalidInput, VariableMissing
from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.mcp_parts import Prompt
from naftiko_runtime.plan.mcp_prompts import MOST_FILE_BYTES
from naftiko_runtime.values import Json, Value
from tests.plan.mcp_documents import codes, plan


def _prompt(folder: Path, prompt: str) -> tuple[Prompt, list[Diagnostic]]:
    server, found = plan(folder, f"prompts: [{prompt}]")
    (one,) = server.prompts
    return one, found


def _said(folder: Path, content: str, arguments: str = "[]", **values: Json) -> Value:
    """Return what a message says."""
    (folder / "prompt.txt").write_text(content)
    one, _ = _prompt(folder, f"{{name: p, arguments: {arguments}, location: prompt.txt}}")
    (message,) = one.messages
    assert message.text is not None
    return message.text(Scope(one.checker.check_json(values)))


TOPIC = "[{name: topic, description: d}]"


@pytest.mark.parametrize(
    "content",
    [
        "{topic}",
        "{{topic}}",
        "{{ topic }}",
        "{{{topic}}}",
        "{{prompts.topic}}",
        "{{mcp.topic}}",
        "{{ships.topic}}",
        "{{Topic}}",
    ],
)
def test_arguments_are_put_into_texts(tmp_path: Path, content: str) -> None:
    assert _said(tmp_path, f"<{content}>", TOPIC, topic="tides") == "<tides>"


@pytest.mark.parametrize(
    "content",
    [
        '{"json": {"a": 1}}',
        "{other}",
        "{{other}}",
        "{% if x %}",
        "{}",
        "{{}}",
        "a } b { c",
        "{{#each x}}",
        "{ topic }",
        "{Topic}",
    ],
)
def test_all_else_stays_as_it_is(tmp_path: Path, content: str) -> None:
    assert _said(tmp_path, content, TOPIC, topic="tides") == content


def test_values_are_not_searched_for_placeholders(tmp_path: Path) -> None:
    arguments = "[{name: a, description: d}, {name: b, description: d}]"
    said = _said(tmp_path, "{a} {{b}}", arguments, a="{{b}} {b} {{GREETING}}", b="{a}")
    assert said == "{{b}} {b} {{GREETING}} {a}"


def test_bound_variables_are_put_into_texts(tmp_path: Path) -> None:
    assert _said(tmp_path, "{{GREETING}}, {{env.GREETING}}!", TOPIC, topic="x") == "Ahoy, Ahoy!"
    with pytest.raises(VariableMissing):
        _said(tmp_path, "{{UNSET}}", TOPIC, topic="x")


def test_an_argument_goes_before_a_variable_of_its_name(tmp_path: Path) -> None:
    arguments = "[{name: GREETING, description: d}]"
    assert _said(tmp_path, "{{GREETING}}", arguments, GREETING="Hello") == "Hello"


def test_an_argument_that_is_left_out_is_empty_or_its_default(tmp_path: Path) -> None:
    arguments = "[{name: a, required: false}, {name: b, default: z}]"
    assert _said(tmp_path, "<{a}{b}>", arguments) == "<z>"


def test_an_unknown_placeholder_is_reported(tmp_path: Path) -> None:
    content = "[{role: user, content: 'of {{topik}}'}]"
    _, (found,) = _prompt(tmp_path, f"{{name: p, arguments: {TOPIC}, template: {content}}}")
    assert (found.code, found.severity) == ("reference-unknown", Severity.WARNING)
    assert found.hint == "did you mean 'topic'?"


def test_arguments_that_are_not_declared_are_those_that_are_mentioned(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path,
        """{name: p, template: [
        {content: 'a {{b}} {c} {{GREETING}} {{#no}}'}, {content: '{{d}}{{b}}'}]}""",
    )
    assert [(one.name, one.is_required) for one in one.arguments] == [("b", False), ("d", False)]
    assert codes(found) == ["reference-unknown"]


def test_arguments_say_what_the_document_says_of_them(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path,
        """{
        name: p, label: P, description: About it,
        arguments: [
          {name: a, label: A, description: First},
          {name: b, required: false, enum: [x, y], example: z},
          {name: c, type: boolean, default: false}],
        template: [{role: assistant, content: hi}]}""",
    )
    assert not found
    assert (one.name, one.address, one.title, one.description) == ("p", "ships.p", "P", "About it")
    first, second, third = one.arguments
    assert (first.name, first.title, first.description) == ("a", "A", "First")
    assert (first.is_required, second.is_required, third.is_required) == (True, False, False)
    assert (first.values, second.values, third.values) == ((), ("x", "y"), ("true", "false"))
    assert one.messages[0].role == "assistant"


def test_all_arguments_that_are_missing_are_named(tmp_path: Path) -> None:
    one, _ = _prompt(
        tmp_path, "{name: p, arguments: [{name: a}, {name: b}], template: [{content: hi}]}"
    )
    with pytest.raises(InvalidInput) as error:
        one.checker.check_json({"c": "1"})
    assert [one.pointer for one in error.value.problems] == ["/c", "/a", "/b"]


def test_a_message_may_be_what_a_call_answers(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path,
        """{name: p, arguments: [{name: IMO, description: d}, {name: flag, required: false}],
        template: [{content: 'This is {IMO}:', call: api.get-ship}]}""",
    )
    assert not found
    assert [one.name for one in one.arguments] == ["IMO", "flag"]
    assert one.arguments[1].values == ("NL", "NO", "SE"), "known from what the argument feeds"
    (message,) = one.messages
    assert message.text is not None
    assert message.operation is not None
    assert [one.name for one in message.operation.inputs] == ["IMO", "flag"]


def test_what_calls_need_are_arguments_where_none_are_declared(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path,
        """{name: p, template: [
        {content: 'Of {{imo}} in {{style}}'},
        {call: api.get-ship},
        {steps: [{name: s, call: api.get-ship, with: {imo: '{{prompts.other}}'}}]},
        {ref: fleet.lookup}]}""",
    )
    assert not found
    required = {one.name: one.is_required for one in one.arguments}
    assert required == {
        "detail": False,
        "flag": False,
        "imo": True,
        "other": True,
        "style": False,
    }


def test_a_message_with_fixed_outputs_answers_those(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path,
        "{name: p, template: [{outputParameters: [{type: string, value: hello}]}]}",
    )
    assert not found
    assert one.messages[0].operation is not None


def test_contents_may_be_written_as_the_protocol_has_them(tmp_path: Path) -> None:
    one, found = _prompt(
        tmp_path, "{name: p, template: [{content: {type: text, text: hello}}, {content: 5}]}"
    )
    assert not found
    said = [one.text(Scope()) for one in one.messages if one.text is not None]
    assert said == ["hello", "5"]


def test_an_unknown_role_is_the_users(tmp_path: Path) -> None:
    one, (found,) = _prompt(tmp_path, "{name: p, template: [{role: system, content: hello}]}")
    assert (found.code, found.severity) == ("value-invalid", Severity.WARNING)
    assert one.messages[0].role == "user"


def test_two_prompts_of_one_name_are_told_apart(tmp_path: Path) -> None:
    server, found = plan(
        tmp_path,
        """
        prompts:
        - {name: p, template: [{content: one}]}
        - {name: p-2, template: [{content: two}]}
        - {name: p, template: [{content: three}]}
        - {label: L, template: [{content: four}]}
        - {template: [{content: five}]}
        """,
    )
    assert [one.name for one in server.prompts] == ["p", "p-2", "p-3", "L", "prompt"]
    assert codes(found) == ["prompt-duplicate"]


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("{name: x}", "value-missing"),
        ("{name: x, template: [{role: user}]}", "value-missing"),
        ("{name: x, template: [{content: [a]}]}", "value-invalid"),
        ("{name: x, template: [{content: true}]}", "value-invalid"),
        ("{name: x, template: [{content: a}, {call: api.nothing}]}", "operation-unknown"),
        ("{name: x, template: [{ref: fleet.nothing}]}", "reference-unknown"),
        ("{name: x, location: nothing.txt}", "location-missing"),
        ("{name: x, location: 'https://h/x.txt'}", "location-unsupported"),
        ("{name: x, location: binary.txt}", "location-unreadable"),
        ("{name: x, location: large.txt}", "location-unreadable"),
    ],
)
def test_what_can_not_be_served_is_left_out(tmp_path: Path, prompt: str, code: str) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\xff")
    (tmp_path / "large.txt").write_bytes(b"x" * (MOST_FILE_BYTES + 1))
    server, (found,) = plan(
        tmp_path, f"prompts: [{prompt}, {{name: y, template: [{{content: a}}]}}]"
    )
    assert (found.code, found.severity, found.unit) == (code, Severity.ERROR, "ships.x")
    assert [one.name for one in server.prompts] == ["y"]


def test_a_file_is_a_message_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("Hello")
    server, found = plan(tmp_path, "prompts: [{name: p, location: file:///./a%20b.txt}]")
    (one,) = server.prompts
    assert not found
    assert (one.messages[0].role, one.file) == ("user", tmp_path / "a b.txt")
    assert server.places == {tmp_path / "a b.txt"}


def test_a_file_goes_before_a_template(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Hello")
    one, found = _prompt(tmp_path, "{name: p, location: a.txt, template: [{content: Bye}]}")
    assert codes(found) == ["value-invalid"]
    assert one.file == tmp_path / "a.txt"
