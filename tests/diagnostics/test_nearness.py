"""Which name was probably meant."""

from __future__ import annotations

import pytest

from naftiko_runtime.diagnostics import did_you_mean


@pytest.mark.parametrize("written", ["searchnotes", "SearchNotes", "search_notes", "SEARCH.NOTES"])
def test_a_name_that_is_only_spelled_otherwise_goes_first(written: str) -> None:
    known = ["searchnotes2", "search-notes", "research-notes"]
    assert did_you_mean(written, known) == "did you mean 'search-notes'?"


def test_of_names_that_are_spelled_otherwise_the_nearest_is_meant() -> None:
    known = ["s-e-a-r-c-h", "sea-rch-", "S_E_A_RCH"]
    assert did_you_mean("sea-rch", known) == "did you mean 'sea-rch-'?"


@pytest.mark.parametrize(("written", "meant"), [("gett", "GET"), ("LIST-SHPS", "list-ships")])
def test_case_counts_for_nothing(written: str, meant: str) -> None:
    assert did_you_mean(written, ["list-ships", "GET"]) == f"did you mean '{meant}'?"


@pytest.mark.parametrize(("written", "known"), [("crew", ["ship"]), ("crew", []), ("--", ["ship"])])
def test_where_no_name_is_near_nothing_is_said(written: str, known: list[str]) -> None:
    assert did_you_mean(written, known) is None
