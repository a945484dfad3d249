"""A capability file as the runtime loads it, beside what the oracle says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability, Tool
from naftiko_runtime.plan.loading import load_capability
from tests.corpus.oracle import documents
from tests.corpus.oracle.exposed import Unit, exposed_units, served_units
from tests.corpus.oracle.surroundings import Surroundings, surroundings


@dataclass(frozen=True, slots=True)
class Subject:
    """One file under test, loaded with every variable and base URI it needs."""

    title: str
    document: documents.Block
    around: Surroundings
    capability: Capability | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def loaded(self) -> Capability:
        """The capability of a file that loads."""
        assert self.capability is not None, f"{self.title} does not load: {self.diagnostics}"
        return self.capability

    def units(self, face: str) -> list[Unit]:
        """Return the units that a face must serve, in document order."""
        return [unit for unit in served_units(self.document) if unit.face == face]

    def left_out(self) -> list[Unit]:
        """Return the units that call nothing that exists."""
        return [unit for unit in exposed_units(self.document) if unit.consumed is None]

    def tools(self) -> Iterator[tuple[Unit, Tool]]:
        """Yield the tools that the oracle expects beside those that are served, in order."""
        tools = [tool for adapter in self.loaded.mcp for tool in adapter.tools]
        yield from zip(self.units("mcp"), tools, strict=True)


def load(file: Path) -> Subject:
    """Load a file, with all that it needs from outside."""
    document = documents.read(file)
    around = surroundings(document)
    options = LoadOptions(environment=around.environment, base_uris=around.base_uris)
    loaded = load_capability(file, options)
    diagnostics = tuple(loaded.diagnostics)
    return Subject(documents.title(file), document, around, loaded.capability, diagnostics)
