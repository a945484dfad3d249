"""Skill adapters: skills, their folders and their tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan import skill_folders
from naftiko_runtime.plan.adapters import Skill
from naftiko_runtime.plan.exposed import without
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.proofs import SecretCheck
from tests.plan.planned import Planned
from tests.plan.planned import plan as plan_document

SIBLINGS = """\
naftiko: 1.0.0-alpha3
binds:
- keys: {KEY: KEY}
capability:
  exposes:
  - type: skill
    namespace: s
%s
  - type: rest
    namespace: r
    resources:
    - path: /tides
      operations:
      - {method: GET, name: tides, description: High water, outputParameters: [{value: x}]}
      - {method: POST, outputParameters: [{value: x}]}
  - type: mcp
    namespace: m
    tools:
    - {name: "list berths", description: All berths, outputParameters: [{value: x}]}
    - {name: gone, call: nobody.nothing}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    skill = tmp_path / "skills" / "watch"
    (skill / "guides").mkdir(parents=True)
    (skill / "SKILL.md").write_text("# Watch")
    (skill / "guides" / "night.md").write_text("# Night")
    return tmp_path


def plan(folder: Path, *keys: str) -> Planned:
    """Plan a skill adapter beside a REST and an MCP adapter; it has these lines."""
    text = SIBLINGS % "\n".join(f"    {line}" for line in keys)
    return plan_document(folder, text, LoadOptions(environment={"KEY": "k"}))


def skill(folder: Path, *keys: str) -> tuple[Planned, Skill]:
    """Plan one skill with these keys; return it with all that was planned."""
    described = ["skills:", "- name: watch", "  description: Watch", *(f"  {key}" for key in keys)]
    planned = plan(folder, *described)
    ((one,),) = (adapter.skills for adapter in planned.capability.skills)
    return planned, one


def tool(folder: Path, keys: str, *more: str) -> tuple[Planned, Skill]:
    """Plan one skill, in the folder, that has one tool with these keys."""
    return skill(folder, "location: file:///./skills/watch", "tools:", f"- {{{keys}}}", *more)


def findings(planned: Planned) -> list[str]:
    """Return what was found about skills."""
    others = ("m.gone", "nobody", "tool-name-shortened")
    return [one for one in planned.messages if not any(other in one for other in others)]


def test_an_adapter_has_its_place_and_its_callers(folder: Path) -> None:
    keys = (
        "port: 71",
        "address: 0.0.0.0",
        "description: All",
        'authentication: {type: bearer, token: "{{KEY}}"}',
    )
    (adapter,) = plan(folder, *keys, "skills: {watch: {description: Watch}}").capability.skills
    place = (adapter.namespace, adapter.address, adapter.port, adapter.description)
    assert place == ("s", "0.0.0.0", 71, "All")
    assert isinstance(adapter.callers, SecretCheck)
    assert adapter.at.line == 6


def test_a_skill_keeps_what_is_said_of_it(folder: Path) -> None:
    planned, one = skill(
        folder,
        "license: MIT",
        "allowed-tools: a b",
        "argument-hint: '[x]'",
        "user-invocable: false",
        "metadata: {author: me, tags: [a]}",
    )
    assert findings(planned) == []
    assert (one.name, one.address, one.folder, one.tools) == ("watch", "s.watch", None, ())
    assert one.facts == {
        "description": "Watch",
        "license": "MIT",
        "argument-hint": "[x]",
        "allowed-tools": "a b",
        "user-invocable": False,
        "metadata": {"author": "me", "tags": ["a"]},
    }


def test_skills_without_a_namespace_are_served(folder: Path) -> None:
    text = "capability: {exposes: [{type: skill, skills: {a: {description: A}}}]}"
    (adapter,) = plan_document(folder, text).capability.skills
    assert (adapter.namespace, [one.name for one in adapter.skills]) == ("", ["a"])


@pytest.mark.parametrize(
    "location", ["file:///./skills/watch", "skills/watch", "file://{}/skills/watch"]
)
def test_a_location_is_a_folder_beside_the_document_or_anywhere(
    folder: Path, location: str
) -> None:
    planned, one = skill(folder, f"location: {location.format(folder)}")
    assert findings(planned) == []
    assert one.folder == (folder / "skills" / "watch").resolve()


def test_a_skill_whose_folder_is_missing_is_served(folder: Path) -> None:
    planned, one = skill(folder, "location: nowhere")
    assert one.folder == (folder / "nowhere").resolve()
    (message,) = findings(planned)
    assert message.startswith("warning skill-location-missing 11: there is no folder at nowhere; ")


def test_a_skill_that_is_elsewhere_is_left_out(folder: Path) -> None:
    planned = plan(folder, "skills: {a: {description: A, location: 'https://x.test/a'}}")
    assert planned.capability.skills[0].skills == ()
    assert findings(planned) == [
        "error value-invalid 8: files of skills can't be served from 'https:'; s.a is left out"
    ]


def test_a_skill_without_its_main_file_is_served(folder: Path) -> None:
    (folder / "skills" / "watch" / "SKILL.md").unlink()
    planned, _ = skill(folder, "location: skills/watch")
    message = "the skill 'watch' has no SKILL.md, which clients look for first"
    assert findings(planned) == [f"warning skill-file-missing 11: {message}"]


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("MOST_FILES", 1, "there are more than 1 files"),
        ("LARGEST_FILE_BYTES", 6, "'SKILL.md' is larger than 0 MiB"),
        ("LARGEST_SKILL_BYTES", 8, "the files are larger than 0 MiB together"),
    ],
)
def test_a_skill_that_is_too_large_is_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str
) -> None:
    monkeypatch.setattr(skill_folders, limit, value)
    planned, _ = skill(folder, "location: skills/watch")
    end = "the files of the skill 'watch' can't be listed or downloaded"
    assert findings(planned) == [f"warning skill-too-large 11: {reason}; {end}"]


@pytest.mark.parametrize(
    ("keys", "source", "description"),
    [
        (
            "from: {sourceNamespace: r, action: tides}",
            ("r", "tides", "rest", "r.tides"),
            "High water",
        ),
        (
            "from: {sourceNamespace: r, action: POST /tides}",
            ("r", "POST /tides", "rest", "r.POST /tides"),
            None,
        ),
        (
            "from: {sourceNamespace: m, action: list berths}",
            ("m", "list_berths", "mcp", "m.list berths"),
            "All berths",
        ),
        (
            "from: {sourceNamespace: m, action: list_berths}, description: Mine",
            ("m", "list_berths", "mcp", "m.list berths"),
            "Mine",
        ),
    ],
)
def test_a_tool_stands_for_what_a_sibling_serves(
    folder: Path, keys: str, source: tuple[str, str, str, str], description: str | None
) -> None:
    _, one = tool(folder, f"name: t, {keys}")
    (read,) = one.tools
    assert read.source is not None
    found = read.source
    assert (found.namespace, found.action, found.mode, found.operation.address) == source
    assert (read.name, read.description, read.instruction) == ("t", description, None)


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (
            "{sourceNamespace: q, action: tides}",
            "no REST or MCP adapter has the namespace 'q'",
            "there is r, m",
        ),
        ("{action: tides}", "no REST or MCP adapter has the namespace ''", "there is r, m"),
        (
            "{sourceNamespace: r, action: tide}",
            "'r' serves no operation or tool 'tide'",
            "did you mean 'tides'?",
        ),
        (
            "{sourceNamespace: m, action: gone}",
            "'m' serves no operation or tool 'gone'",
            "there is list_berths",
        ),
        (
            "{sourceNamespace: s, action: watch}",
            "no REST or MCP adapter has the namespace 's'",
            "there is r, m",
        ),
    ],
)
def test_a_tool_that_stands_for_nothing_is_left_out(
    folder: Path, source: str, message: str, hint: str
) -> None:
    planned, one = tool(folder, f"name: t, from: {source}")
    assert one.tools == ()
    (found,) = (one for one in planned.loaded.diagnostics if one.unit == "s.watch.t")
    assert (found.code, found.message) == (
        "skill-action-unknown",
        f"{message}; s.watch.t is left out",
    )
    assert found.hint == hint
    assert found.position is not None
    assert found.position.line == 13


def test_a_tool_without_siblings_has_no_hint(folder: Path) -> None:
    text = (
        "capability: {exposes: [{type: skill, namespace: s, skills: {a: {description: A, "
        "tools: {t: {from: {sourceNamespace: r, action: x}}}}}}]}"
    )
    planned = plan_document(folder, text)
    (found,) = (one for one in planned.loaded.diagnostics if one.code == "skill-action-unknown")
    assert found.hint is None


@pytest.mark.parametrize("path", ["guides/night.md", "./guides/night.md"])
def test_an_instruction_is_a_file_of_the_skill(folder: Path, path: str) -> None:
    planned, one = tool(folder, f"name: t, description: Read, instruction: {path}")
    assert findings(planned) == []
    assert one.tools[0].instruction == "guides/night.md"
    assert one.tools[0].source is None


def test_an_instruction_that_is_too_large_is_reported_with_its_skill(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.plan.skill_tools.LARGEST_FILE_BYTES", 1)
    _, one = tool(folder, "name: t, instruction: guides/night.md")
    assert len(one.tools) == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("guides/nigt.md", "skill-file-missing"),
        ("guides", "skill-file-missing"),
        ("../../capability.yaml", "skill-file-invalid"),
        ("/etc/passwd", "skill-file-invalid"),
        ("guides/.hidden", "skill-file-invalid"),
        ('"a\\0b"', "skill-file-invalid"),
        ("''", "skill-file-invalid"),
        ("link.md", "skill-file-missing"),
    ],
)
def test_an_instruction_that_is_no_file_of_the_skill_is_left_out(
    folder: Path, path: str, code: str
) -> None:
    (folder / "skills" / "watch" / "link.md").symlink_to(folder / "capability.yaml")
    planned, one = tool(folder, f"name: t, instruction: {path}")
    assert one.tools == ()
    ((found, at),) = (
        (one.code, one.position) for one in planned.loaded.diagnostics if one.unit == "s.watch.t"
    )
    assert (found, at.line if at else 0) == (code, 13)


def test_an_instruction_needs_a_location(folder: Path) -> None:
    planned, one = skill(folder, "tools: {t: {instruction: a.md}}")
    assert one.tools == ()
    message = "'a.md' is nowhere, for the skill has no 'location'; s.watch.t is left out"
    assert findings(planned) == [f"error skill-file-missing 11: {message}"]


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        ("name: t", "value-missing", "'t' says nothing of what it does"),
        (
            "name: t, from: {}, instruction: SKILL.md",
            "value-invalid",
            "'t' has a 'from' and an 'instruction'",
        ),
    ],
)
def test_a_tool_is_one_of_both(folder: Path, keys: str, code: str, message: str) -> None:
    planned, one = tool(folder, keys)
    assert one.tools == ()
    assert findings(planned) == [f"error {code} 13: {message}; s.watch.t is left out"]


def test_of_two_names_that_are_the_same_the_first_is_served(folder: Path) -> None:
    read = "{name: t, instruction: SKILL.md}"
    planned, one = skill(folder, "location: skills/watch", f"tools: [{read}, {read}]")
    assert len(one.tools) == 1
    message = "there are two tools 't' in s.watch; the first one is served"
    assert findings(planned) == [f"warning skill-duplicate 12: {message}"]


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", '"a\\nb"', "''", "'a\\b'"])
def test_a_skill_whose_name_is_no_name_is_left_out(folder: Path, name: str) -> None:
    planned = plan(folder, f"skills: [{{name: {name}, description: A}}]")
    assert planned.capability.skills[0].skills == ()
    (message,) = findings(planned)
    assert message.startswith("error skill-name-invalid 8: a skill ")


@pytest.mark.parametrize("name", ["Harbour Watch", "a_b", "a--b", "a" * 65])
def test_a_skill_with_an_unusual_name_is_served(folder: Path, name: str) -> None:
    planned = plan(folder, f"skills: {{{name}: {{description: A}}}}")
    assert [one.name for one in planned.capability.skills[0].skills] == [name]
    message = f"clients may not take '{name}' as the name of a skill"
    assert findings(planned) == [f"warning skill-name-invalid 8: {message}"]


def test_a_skill_without_a_description_is_reported(folder: Path) -> None:
    planned = plan(folder, "skills: [{name: a}]")
    message = "the skill 'a' has no description; models choose skills by it"
    assert findings(planned) == [f"warning value-missing 8: {message}"]


def test_a_tool_goes_with_the_unit_that_it_stands_for(folder: Path) -> None:
    planned, _ = skill(
        folder,
        "location: skills/watch",
        "tools:",
        "- {name: a, from: {sourceNamespace: r, action: tides}}",
        "- {name: b, from: {sourceNamespace: m, action: list berths}}",
        "- {name: c, instruction: SKILL.md}",
    )
    (mcp,) = planned.capability.mcp
    left = without(planned.capability, {mcp.tools[0].operation})
    assert [one.name for one in left.skills[0].skills[0].tools] == ["a", "c"]


def test_authentication_that_can_not_be_checked_stops_the_capability(folder: Path) -> None:
    text = SIBLINGS % "    authentication: {type: oauth2}\n    skills: {a: {description: A}}"
    file = folder / "capability.yaml"
    file.write_text(text)
    assert load_capability(file).capability is None
