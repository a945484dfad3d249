"""Many capabilities at once, and what becomes of them: sections 1 and 8 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.expose.listeners import Overrides
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import Loaded
from naftiko_runtime.runtime.fleet import Fleet
from naftiko_runtime.runtime.loading import load
from tests.documents import ONE_OPERATION


def _fleet(*paths: Path, overrides: Overrides | None = None) -> Fleet:
    return Fleet(paths, LoadOptions(environment={"KEY": "secret"}), overrides or Overrides())


def _capability(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = ONE_OPERATION
    for old, new in changes:
        text = text.replace(old, new)
    file = folder / name
    file.write_text(text)
    return file


def test_one_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    sound = _capability(tmp_path, "a.yaml")
    broken = tmp_path / "b.yaml"
    broken.write_text("capability: [")
    fleet = _fleet(tmp_path)
    found = fleet.look()
    assert [capability.file for capability in fleet.capabilities] == [str(sound)]
    assert fleet.broken == {broken}
    assert [one.code for one in found] == ["yaml-invalid"]


def test_a_file_that_breaks_keeps_its_last_sound_form(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    fleet = _fleet(file)
    fleet.look()
    file.write_text("capability: [")
    fleet.look()
    assert len(fleet.capabilities) == 1
    assert fleet.broken == {file}
    assert file in fleet.sources


def test_files_are_served_as_they_are_unless_that_is_impossible(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    (tmp_path / "b.yaml").write_text("capability: [")
    fleet = _fleet(tmp_path)
    fleet.look()
    assert fleet.is_as_files_say, "what was never sound is not served in any form"
    text = file.read_text()
    file.write_text("capability: [")
    fleet.look()
    assert not fleet.is_as_files_say
    file.write_text(text)
    fleet.look()
    assert fleet.is_as_files_say


def test_what_was_taken_back_is_not_served_as_its_file_is(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    fleet = _fleet(file)
    fleet.look()
    assert fleet.take_back([str(file)])
    assert not fleet.is_as_files_say


def test_what_can_not_be_swapped_in_is_served_as_it_was_until_the_next_look(tmp_path: Path) -> None:
    changed, gone = _capability(tmp_path, "a.yaml"), _capability(tmp_path, "b.yaml")
    fleet = _fleet(tmp_path)
    fleet.look()
    served = fleet.capabilities
    changed.write_text(changed.read_text() + "\n")
    new = _capability(tmp_path, "c.yaml")
    gone.unlink()
    fleet.look(anew=False)
    fleet.take_all_back()
    assert fleet.capabilities == served
    assert fleet.broken == {changed, new}
    fleet.look(anew=False)
    assert {one.file for one in fleet.capabilities} == {str(changed), str(new)}
    assert fleet.capabilities[0] is not served[0]


def test_a_removed_file_that_is_still_served_is_not_as_files_say(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    fleet = _fleet(tmp_path)
    fleet.look()
    file.unlink()
    fleet.look()
    assert fleet.is_as_files_say
    fleet.take_all_back()
    assert not fleet.is_as_files_say


def test_a_file_that_was_broken_before_stays_so_when_all_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("capability: [")
    fleet = _fleet(tmp_path)
    fleet.look()
    fleet.look(anew=False)
    fleet.take_all_back()
    assert fleet.broken == {tmp_path / "a.yaml"}


def test_a_removed_file_is_served_no_more(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    fleet = _fleet(tmp_path)
    fleet.look()
    file.unlink()
    fleet.look()
    assert fleet.capabilities == []


def test_progress_is_told_file_by_file(tmp_path: Path) -> None:
    _capability(tmp_path, "a.yaml")
    _capability(tmp_path, "b.yaml")
    told: list[tuple[int, int]] = []
    _fleet(tmp_path).look(lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_adapters_of_one_address_and_port_share_a_listener(tmp_path: Path) -> None:
    _capability(tmp_path, "a.yaml", ("port: 0", "port: 8080"))
    _capability(tmp_path, "b.yaml", ("port: 0", "port: 8080"), ("/ships/{imo}", "/boats/{imo}"))
    fleet = _fleet(tmp_path)
    fleet.look()
    plans, found = fleet.listeners()
    assert [(plan.host, plan.port) for plan in plans] == [("127.0.0.1", 8080)]
    assert len(plans[0].rest) == 2
    assert [one.code for one in found] == ["tool-clash"]


def test_routes_that_clash_are_reported_with_both_places(tmp_path: Path) -> None:
    first = _capability(tmp_path, "a.yaml", ("port: 0", "port: 8080"))
    second = _capability(tmp_path, "b.yaml", ("port: 0", "port: 8080"))
    fleet = _fleet(tmp_path)
    fleet.look()
    _, found = fleet.listeners()
    (clash,) = [one for one in found if one.code == "route-clash"]
    assert str(second) in str(clash.position)
    assert str(first) in (clash.hint or "")


def test_tools_that_clash_are_reported_with_both_places_and_names(tmp_path: Path) -> None:
    first = _capability(tmp_path, "a.yaml")
    second = _capability(tmp_path, "b.yaml", ("ships-mcp", "boats-mcp"), ("/ships", "/boats"))
    fleet = _fleet(tmp_path, overrides=Overrides(mcp_port=9))
    fleet.look()
    (clash,) = fleet.listeners()[1]
    assert clash.code == "tool-clash"
    assert str(second) in str(clash.position)
    assert str(first) in (clash.hint or "")
    assert "at /mcp they are 'ships-mcp_get-ship' and 'boats-mcp_get-ship'" in clash.message


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_one_port_on_every_address_and_on_one_is_a_clash(tmp_path: Path, host: str) -> None:
    first = _capability(tmp_path, "a.yaml", ("port: 0", "port: 8080"))
    change = ("port: 0", f"address: '{host}'\n    port: 8080")
    second = _capability(tmp_path, "b.yaml", change, ("ships-", "boats-"))
    fleet = _fleet(tmp_path)
    fleet.look()
    (clash,) = fleet.listeners()[1]
    assert (clash.code, clash.severity) == ("port-clash", "error")
    assert "'ships-rest' and 'boats-rest' can not share port 8080" in clash.message
    assert str(second) in str(clash.position)
    assert str(first) in (clash.hint or "")


def test_servers_that_want_standard_input_share_it(tmp_path: Path) -> None:
    stdio = ("type: mcp", "type: mcp\n    transport: stdio")
    _capability(tmp_path, "a.yaml", stdio)
    _capability(tmp_path, "b.yaml", stdio, ("ships-mcp", "boats-mcp"), ("/ships", "/boats"))
    fleet = _fleet(tmp_path)
    fleet.look()
    (clash,) = fleet.listeners()[1]
    assert "on stdio they are 'ships-mcp_get-ship' and 'boats-mcp_get-ship'" in clash.message
    assert [plan.namespace for plan in fleet.on_stdio()] == ["ships-mcp", "boats-mcp"]


def test_forwards_clash_like_routes(tmp_path: Path) -> None:
    operations = "operations:\n      - {method: GET, name: get-ship, call: api.get-ship}"
    changes = ("port: 0", "port: 8080"), (operations, "forward: {targetNamespace: api}")
    _capability(tmp_path, "a.yaml", *changes)
    _capability(tmp_path, "b.yaml", *changes)
    fleet = _fleet(tmp_path)
    fleet.look()
    _, found = fleet.listeners()
    assert [one.code for one in found] == ["route-clash", "tool-clash"]


@pytest.mark.parametrize(
    ("overrides", "places"),
    [
        (Overrides(), {("127.0.0.1", 8080), ("127.0.0.1", 9090)}),
        (Overrides(host="0.0.0.0"), {("0.0.0.0", 8080), ("0.0.0.0", 9090)}),
        (Overrides(rest_port=1, mcp_port=2), {("127.0.0.1", 1), ("127.0.0.1", 2)}),
        (Overrides(rest_port=0, mcp_port=0), {("127.0.0.1", 0)}),
    ],
    ids=["the defaults", "another host", "other ports", "free ports"],
)
def test_the_operator_says_where_to_listen(
    tmp_path: Path, overrides: Overrides, places: set[tuple[str, int]]
) -> None:
    _capability(tmp_path, "a.yaml", ("    port: 0\n", ""))
    fleet = _fleet(tmp_path, overrides=overrides)
    fleet.look()
    plans, _ = fleet.listeners()
    assert {(plan.host, plan.port) for plan in plans} == places
    assert len({plan.key for plan in plans}) == 2


def test_an_address_in_the_file_is_used(tmp_path: Path) -> None:
    _capability(tmp_path, "a.yaml", ("    port: 0\n", "    port: 7\n    address: localhost\n"))
    fleet = _fleet(tmp_path)
    fleet.look()
    plans, _ = fleet.listeners()
    assert [(plan.host, plan.port) for plan in plans] == [("127.0.0.1", 7)]


def test_a_stdio_server_has_no_listener(tmp_path: Path) -> None:
    _capability(tmp_path, "a.yaml", ("type: mcp", "type: mcp\n    transport: stdio"))
    fleet = _fleet(tmp_path)
    fleet.look()
    plans, _ = fleet.listeners()
    assert [plan.mcp for plan in plans] == [[]]


def test_what_servers_serve_is_among_the_sources(tmp_path: Path) -> None:
    docs, prompt = tmp_path / "docs", tmp_path / "prompt.txt"
    docs.mkdir()
    prompt.write_text("hi")
    file = _capability(tmp_path, "a.yaml")
    file.write_text(
        file.read_text()
        + "    resources: [{name: docs, uri: 'docs://', location: docs}]\n"
        + "    prompts: [{name: p, location: prompt.txt}]\n"
    )
    fleet = _fleet(file)
    fleet.look()
    assert {file, docs, prompt} <= fleet.sources


def test_folders_of_skills_are_sources(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    skills = "{one: {description: One, location: one}, two: {description: Two}}"
    file.write_text(f"capability: {{exposes: [{{type: skill, skills: {skills}}}]}}")
    fleet = _fleet(file)
    fleet.look()
    assert fleet.sources == {file, tmp_path.resolve() / "one"}


def test_units_that_are_left_out_are_counted_each(tmp_path: Path) -> None:
    file = _capability(
        tmp_path, "a.yaml", ("ships-mcp", "ships-rest"), ("call: api.get-ship", "call: api.x")
    )
    fleet = _fleet(file)
    fleet.look()
    assert fleet.left_out(fleet.capabilities[0]) == 2


def test_units_that_could_not_be_executed_are_counted_each(tmp_path: Path) -> None:
    format_ = ("method: GET\n", "method: GET\n        outputRawFormat: ini\n")
    shaped = ("call: api.get-ship", "call: api.get-ship, outputParameters: [{mapping: $.name}]")
    file = _capability(tmp_path, "a.yaml", ("ships-mcp", "ships-rest"), format_, shaped)
    fleet = _fleet(file)
    fleet.look()
    assert fleet.left_out(fleet.capabilities[0]) == 2


@pytest.mark.parametrize("anew", [True, False])
def test_what_changes_while_it_is_loaded_has_changed_for_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, anew: bool
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    file = _capability(tmp_path, "a.yaml")
    resources = "    resources: [{name: docs, uri: 'docs://', location: docs}]\n"
    file.write_text(file.read_text() + resources)
    fleet = _fleet(file)
    fleet.look()
    assert fleet.glance() == fleet.stamps

    def load_slowly(path: Path, options: LoadOptions) -> Loaded:
        loaded = load(path, options)
        (docs / "new.txt").write_text("new")
        return loaded

    monkeypatch.setattr("naftiko_runtime.runtime.fleet.load", load_slowly)
    file.write_text(file.read_text() + "\n")
    fleet.look(anew=anew)
    assert fleet.glance() != fleet.stamps


def test_what_nothing_is_made_of_any_more_is_not_looked_at(tmp_path: Path) -> None:
    file = _capability(tmp_path, "a.yaml")
    text = file.read_text()
    file.write_text(text + "    resources: [{name: docs, uri: 'docs://', location: docs}]\n")
    fleet = _fleet(file)
    fleet.look()
    file.write_text(text)
    fleet.look(anew=False)
    assert fleet.stamps.keys() == {file}
    assert fleet.glance() == fleet.stamps
