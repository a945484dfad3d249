"""What an upstream path is called here, as far as a route and its call determine it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.base_uris import BaseUri
from naftiko_runtime.plan.calls import CallPlan, Feed
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.paths import PathTemplate, Variable, encode_literal, parse_path
from naftiko_runtime.plan.terms import FirstOf, InputReference, Literal, Term, VariableReference

_DOTS: Final = (".", "..")


@dataclass(frozen=True, slots=True)
class ExposedPath:
    """An exposed path that stands for an upstream one.

    Attributes:
        path: The exposed template.
        variables: Upstream's variables by exposed ones.
        moved: Upstream's variables by the query parameters that they are here.
        parameters: The exposed names of query parameters by upstream's, where those differ.
    """

    path: PathTemplate
    variables: dict[str, str]
    moved: dict[str, str]
    parameters: dict[str, str]

    def fill(self, values: dict[str, str]) -> str | None:
        """Return the exposed path for the values of upstream's variables.

        Returns:
            The path; None if no caller could ask for it, because `..` is no value.
        """
        parts = [
            encode_literal(part)
            if isinstance(part, str)
            else quote(values[self.variables[part.name]], safe="")
            for part in self.path.parts
        ]
        return None if any(part in _DOTS for part in parts) else "".join(parts)

    def query(self, values: dict[str, str]) -> list[str]:
        """Return the query parameters that are a part of upstream's path, encoded."""
        return [
            f"{quote(ours, safe='')}={quote(values[theirs], safe='')}"
            for ours, theirs in self.moved.items()
        ]


def upstream_template(call: CallPlan, base: BaseUri) -> PathTemplate:
    """Return the path of a call behind the host, with fixed variables filled in."""
    fixed = {
        feed.name: quote(text, safe="")
        for feed in call.feeds
        if feed.place is Place.PATH and (text := _fixed(feed.term)) is not None
    }
    parts = (
        part if isinstance(part, str) else fixed.get(part.name, f"{{{part.name}}}")
        for part in call.path.parts
    )
    return parse_path(f"{base.prefix}/{''.join(parts).lstrip('/')}")


def exposed_path(route: Route, call: CallPlan) -> ExposedPath | None:
    """Return what the upstream path of a route's call is here; None if that is not determined."""
    inputs = NameIndex((one.name, one.name) for one in route.operation.inputs)
    sources = _sources(route, call, inputs)
    if sources is None:
        return None
    ours = {variable.name for variable in route.path.variables}
    query = {one.name for one in route.operation.inputs if one.place is Place.QUERY}
    variables = {source: theirs for source, theirs in sources.items() if source in ours}
    moved = {source: theirs for source, theirs in sources.items() if source in query}
    if ours != variables.keys() or len(variables) + len(moved) < len(sources):
        return None
    return ExposedPath(route.path, variables, moved, _parameters(call, inputs, query))


def _sources(route: Route, call: CallPlan, inputs: NameIndex[str]) -> dict[str, str] | None:
    """Return upstream's variables by the inputs that they are; None where one is anything else."""
    ours = [part.name for part in route.path.parts if isinstance(part, Variable)]
    theirs = [part.name for part in call.path.parts if isinstance(part, Variable)]
    feeds = {feed.name: feed for feed in call.feeds if feed.place is Place.PATH}
    sources: dict[str, str] = {}
    for position, name in enumerate(theirs):
        term = feeds[name].term
        if _fixed(term) is not None:
            continue
        reference = _reference(term)
        if reference is None:
            return None
        opposite = ours[position] if len(ours) == len(theirs) else ""
        sources.setdefault(inputs.find(reference.name) or opposite, name)
    return sources


def _parameters(call: CallPlan, inputs: NameIndex[str], query: set[str]) -> dict[str, str]:
    found = {feed.name: _input(feed, inputs) for feed in call.feeds if feed.place is Place.QUERY}
    return {theirs: ours for theirs, ours in found.items() if ours in query and ours != theirs}


def _input(feed: Feed, inputs: NameIndex[str]) -> str | None:
    reference = _reference(feed.term)
    return inputs.find(reference.name) if reference is not None else None


def _reference(term: Term) -> InputReference | None:
    """Return the input that a term is, unchanged; None where it is anything else."""
    first = term.choices[0] if isinstance(term, FirstOf) else term
    return first if isinstance(first, InputReference) else None


def _fixed(term: Term) -> str | None:
    """Return what a term is in every call; None where that varies."""
    if isinstance(term, VariableReference):
        return term.variable.value
    return to_text(term.value) if isinstance(term, Literal) else None
