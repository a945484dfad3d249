"""The document as a whole: the tolerance of section 1 of the behaviour."""

from __future__ import annotations

import pytest

from naftiko_runtime.spec.actions import Action, Step, StepMapping
from naftiko_runtime.spec.aggregates import Aggregate
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.control import ControlAdapter
from naftiko_runtime.spec.document import Adapter, CapabilityBlock
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.rest import RestAdapter
from naftiko_runtime.spec.skill import SkillAdapter
from tests.spec.typed import block, document


def adapter(text: str) -> Adapter:
    (one,) = block(CapabilityBlock, f"exposes: [{text}]").exposes
    return one


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("{type: rest}", RestAdapter),
        ("{type: REST}", RestAdapter),
        ("{type: ' mcp '}", McpAdapter),
        ("{type: skill}", SkillAdapter),
        ("{type: control}", ControlAdapter),
        ("{resources: []}", RestAdapter),
        ("{tools: []}", McpAdapter),
        ("{prompts: [], resources: []}", McpAdapter),
        ("{skills: []}", SkillAdapter),
    ],
)
def test_the_type_of_an_adapter_is_said_or_seen_from_its_contents(
    written: str, kind: type[Adapter]
) -> None:
    assert isinstance(adapter(written), kind)


def test_an_adapter_may_stand_without_a_list() -> None:
    (one,) = block(CapabilityBlock, "exposes: {type: mcp, namespace: a}").exposes
    assert one.namespace == "a"


@pytest.mark.parametrize("key", ["functions", "flows"])
def test_functions_have_the_successor_spelling_flows(key: str) -> None:
    aggregate = block(Aggregate, f"{key}: {{get-ship: {{semantics: {{safe: true}}}}}}")
    (function,) = aggregate.functions
    assert function.name == "get-ship"
    assert function.semantics is not None
    assert function.semantics.safe is True


@pytest.mark.parametrize("key", ["targetName", "target"])
def test_a_mapping_has_the_successor_spelling_target(key: str) -> None:
    assert block(StepMapping, f"{{{key}: a.b, value: $.x}}").target == "a.b"


@pytest.mark.parametrize("written", ["[{name: a, call: x.y}]", "{a: {call: x.y}}"])
def test_steps_may_be_a_list_or_a_keyed_map(written: str) -> None:
    (step,) = block(Action, f"steps: {written}").steps
    assert (step.name, step.call) == ("a", "x.y")


def test_a_step_reads_its_long_keys() -> None:
    step = block(Step, "{continueOnError: true, lookupValue: $.a, dependencies: x, with: {a: 1}}")
    assert step.continue_on_error
    assert (step.lookup_value, step.dependencies) == ("$.a", ("x",))
    assert step.with_ is not None


@pytest.mark.parametrize("key", ["tokenEndpoint", "tokenUri", "tokenUrl"])
def test_the_token_endpoint_has_three_spellings(key: str) -> None:
    assert block(Authentication, f"{key}: https://a.test").token_endpoint == "https://a.test"


@pytest.mark.parametrize(
    "written", ["{key: X-Key, placement: Header}", "{name: X-Key, in: header}"]
)
def test_an_api_key_is_placed_in_two_spellings(written: str) -> None:
    authentication = block(Authentication, written)
    assert (authentication.key, authentication.placement) == ("X-Key", "header")


def test_a_tool_reads_its_hints() -> None:
    (tool,) = block(McpAdapter, "tools: {a: {hints: {readOnly: true, openWorld: false}}}").tools
    assert tool.hints is not None
    hints = tool.hints
    assert (hints.read_only, hints.open_world, hints.destructive) == (True, False, None)


def test_a_prompt_argument_may_say_whether_it_is_required() -> None:
    prompts = block(McpAdapter, "prompts: {p: {arguments: {a: , b: {required: false}}}}").prompts
    assert [one.is_required for one in prompts[0].arguments] == [None, False]


def test_a_prompt_message_comes_from_the_user_unless_it_says_otherwise() -> None:
    text = "prompts: {p: {template: [{content: a}, {role: Assistant, content: b}]}}"
    (prompt,) = block(McpAdapter, text).prompts
    assert [one.role for one in prompt.template] == ["user", "assistant"]


def test_a_rest_resource_may_forward() -> None:
    text = "resources: [{forward: {targetNamespace: a, trustedHeaders: X-Id}}]"
    (resource,) = block(RestAdapter, text).resources
    assert resource.forward is not None
    assert resource.forward.trusted_headers == ("X-Id",)


def test_a_skill_tool_comes_from_a_sibling_or_is_an_instruction() -> None:
    text = (
        "skills: {s: {tools: {a: {from: {sourceNamespace: m, action: t}}, b: {instruction: x.md}}}}"
    )
    (skill,) = block(SkillAdapter, text).skills
    derived, told = skill.tools
    assert derived.from_ is not None
    assert (derived.from_.source_namespace, told.instruction) == ("m", "x.md")


@pytest.mark.parametrize("key", ["naftiko", "ikanos"])
def test_the_version_stands_under_either_name_of_the_specification(key: str) -> None:
    typed, found = document(f"{key}: 1.0.0-alpha3\ninfo: {{display: A, personas: [x]}}")
    assert found == []
    assert typed is not None
    assert typed.version == "1.0.0-alpha3"
    assert typed.info is not None
    assert typed.info.label == "A"


def test_all_sections_may_stand_at_the_root() -> None:
    typed, found = document("{naftiko: 1.0.0-alpha2, consumes: [], exposes: [], aggregates: []}")
    assert (typed is not None, found) == (True, [])
