"""Every capability file loads; what does not is the file's own doing, and is listed here."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from naftiko_runtime.diagnostics import Severity
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.loading import load_capability
from tests.corpus.oracle.documents import corpus_files, corpus_folder, title
from tests.corpus.oracle.names import route_key
from tests.corpus.subject import Subject

OWN_ERRORS: Final = {
    # Its tools call `engagement-notes.listnotes`; what it consumes is named `list-notes`.
    "hubspot/sales-engagement.yaml": Counter({"operation-unknown": 11}),
}


def test_the_public_files_are_all_here() -> None:
    if corpus_folder() is None:
        pytest.skip("the public capability files are not on this machine")
    missing = sorted(set(OWN_ERRORS) - {title(file) for file in corpus_files()})
    assert not missing, f"the files whose errors are listed are gone: {missing}"


def test_a_file_has_no_errors_but_its_own(subject: Subject) -> None:
    errors = [one for one in subject.diagnostics if one.severity is Severity.ERROR]
    found = Counter(one.code for one in errors)
    shown = "\n".join(f"{one.position}: {one.code}: {one.message}" for one in errors)
    assert found == OWN_ERRORS.get(subject.title, Counter()), f"{subject.title}:\n{shown}"


def test_errors_name_the_units_that_the_oracle_leaves_out(subject: Subject) -> None:
    left_out = {f"{unit.adapter}.{unit.name}" for unit in subject.left_out()}
    errors = [one for one in subject.diagnostics if one.severity is Severity.ERROR]
    assert {one.unit for one in errors} == left_out, f"{subject.title}: {errors}"


def test_every_diagnostic_has_a_place_in_its_file(subject: Subject) -> None:
    lost = [one for one in subject.diagnostics if one.position is None or one.position.line < 1]
    assert not lost, f"{subject.title}: diagnostics without a place: {lost}"


def test_all_rest_operations_are_served(subject: Subject) -> None:
    routes = [route for adapter in subject.loaded.rest for route in adapter.routes]
    served = [route_key(route.method, str(route.path)) for route in routes]
    expected = [route_key(unit.method, unit.path) for unit in subject.units("rest")]
    assert served == expected, f"{subject.title}: {set(served) ^ set(expected)}"


def test_a_file_loads_when_nothing_is_provided_from_outside(file: Path) -> None:
    loaded = load_capability(file, LoadOptions())
    assert loaded.capability is not None, f"{title(file)}: {list(loaded.diagnostics)}"
    errors = Counter(d.code for d in loaded.diagnostics if d.severity is Severity.ERROR)
    assert errors == OWN_ERRORS.get(title(file), Counter()), title(file)
