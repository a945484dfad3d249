"""The capabilities that are served, and what becomes of them when files change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic, Diagnostics
from naftiko_runtime.expose.listeners import ListenerPlan, Overrides, plan_listeners
from naftiko_runtime.load.discovery import capability_files
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.loading import Loaded
from naftiko_runtime.runtime.loading import load


@dataclass(slots=True)
class Fleet:
    """All capabilities of one process.

    Attributes:
        paths: Files, folders and globs, as the user gave them.
        options: How documents are read.
        overrides: What the operator says about listeners.
        loaded: What came of each file at the last look, by path.
        broken: The files whose newest form can't be served.
    """

    paths: Sequence[Path]
    options: LoadOptions
    overrides: Overrides
    loaded: dict[Path, Loaded] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)

    def look(self, progress: Callable[[int, int], None] | None = None) -> list[Diagnostic]:
        """Load every file; a file that can't be served any more keeps its last sound form.

        Args:
            progress: Told how many of how many files are loaded.

        Returns:
            What there is to say about the files, and about the listeners they share.
        """
        files = capability_files(self.paths)
        before, self.loaded, self.broken = self.loaded, {}, set()
        found: list[Diagnostic] = []
        for number, path in enumerate(files, 1):
            loaded = load(path, self.options)
            found.extend(loaded.diagnostics)
            if loaded.capability is None and not loaded.is_section:
                self.broken.add(path)
                loaded = before.get(path, loaded)
            self.loaded[path] = loaded
            if progress is not None:
                progress(number, len(files))
        return found

    @property
    def capabilities(self) -> list[Capability]:
        """The capabilities that are sound, in the order of their files."""
        found = (loaded.capability for loaded in self.loaded.values())
        return [capability for capability in found if capability is not None]

    @property
    def sources(self) -> set[Path]:
        """Every file that the capabilities come from, imports included, and what they serve."""
        files = {path for loaded in self.loaded.values() for path in (loaded.path, *loaded.sources)}
        served = {place for one in self.capabilities for plan in one.mcp for place in plan.places}
        return files | served | self.broken

    @property
    def secrets(self) -> set[str]:
        """Every value that may never be shown."""
        return {secret for capability in self.capabilities for secret in capability.secrets}

    def listeners(self) -> tuple[list[ListenerPlan], list[Diagnostic]]:
        """Return what is served where, and what clashes there."""
        diagnostics = Diagnostics()
        plans = plan_listeners(self.capabilities, self.overrides, diagnostics)
        return plans, list(diagnostics)
