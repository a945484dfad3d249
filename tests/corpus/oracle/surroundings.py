"""Variables and base URIs that the tests provide (behaviour, section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.corpus.oracle.documents import Block, UnknownConstruct, expect_keys

_TEMPLATE: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_HOST_VARIABLE: Final = re.compile(r"\{\{?\s*([^{}]+?)\s*\}?\}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an operator provides for a document: every variable and every missing base URI.

    Attributes:
        environment: By the names under which binds look variables up.
        sources: Those names by the names that templates use.
        base_uris: By the namespaces of the APIs that have none.
    """

    environment: Mapping[str, str]
    sources: Mapping[str, str]
    base_uris: Mapping[str, str]

    def resolved(self, text: str) -> str:
        """Return a text with the values of its variables."""
        return _TEMPLATE.sub(lambda match: self.value(match[1]), text)

    def knows(self, name: str) -> bool:
        """Return whether a name in a template is that of a variable."""
        return name in self.sources

    def value(self, name: str) -> str:
        """Return the value of a variable."""
        if name not in self.sources:
            raise UnknownConstruct(f"the variable {name} has no bind")
        return self.environment[self.sources[name]]

    def base_uri(self, namespace: str, declared: str) -> str:
        """Return where an API lives, its variables replaced and without a slash at its end."""
        complete = self.base_uris.get(namespace, declared)
        return _HOST_VARIABLE.sub(lambda match: self.value(match[1]), complete).rstrip("/")


def surroundings(document: Block) -> Surroundings:
    """Return an environment and base URIs that leave nothing open in a document."""
    apis = document["capability"]["consumes"]
    bases = {api["namespace"]: api.get("baseUri") or "" for api in apis}
    sources = dict(_bound(document))
    environment = {source: f"secret-of-{source}" for source in sources.values()}
    for base in bases.values():
        for name in _HOST_VARIABLE.findall(base):
            sources.setdefault(name, name)
            environment[sources[name]] = _host_label(name)
    missing = {name: _base_uri(name) for name, base in bases.items() if not base}
    return Surroundings(environment, sources, missing)


def _bound(document: Block) -> Iterator[tuple[str, str]]:
    """Yield the names that templates may use for bound variables, and where their values are."""
    for bind in document.get("binds") or ():
        expect_keys(bind, frozenset({"namespace", "keys"}), "bind")
        for name, source in bind["keys"].items():
            yield name, source
            yield f"{bind['namespace']}.{name}", source


def _host_label(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def _base_uri(namespace: str) -> str:
    return f"https://{namespace}.upstream.example/a%20prefix/"
