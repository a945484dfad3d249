"""The capabilities that are served, and what becomes of them when files change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic, Diagnostics
from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.expose.listeners import (
    Overrides,
    plan_listeners,
    plans_on_stdio,
)
from naftiko_runtime.load.discovery import capability_files, eligible_files
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.stamps import Stamps, stamps
from naftiko_runtime.plan.adapters import Capability, McpPlan
from naftiko_runtime.plan.loading import Loaded
from naftiko_runtime.plan.unit_counts import count_served
from naftiko_runtime.runtime.loading import load
from naftiko_runtime.settings import ServeSettings


@dataclass(slots=True)
class Fleet:
    """All capabilities of one process.

    Attributes:
        paths: Files, folders and globs, as the user gave them.
        options: How documents are read.
        overrides: What the operator says about listeners.
        loaded: What is served of each file, by path: the last form that was sound.
        newest: What came of each file at the last look, by path.
        broken: The files whose newest form can't be served.
        stamps: How all files that matter were at the last look.
    """

    paths: Sequence[Path]
    options: LoadOptions
    overrides: Overrides
    loaded: dict[Path, Loaded] = field(default_factory=dict)
    newest: dict[Path, Loaded] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)
    stamps: Stamps = field(default_factory=dict)
    _before: dict[Path, Loaded] = field(default_factory=dict)

    @classmethod
    def asked_for(cls, paths: Sequence[Path], settings: ServeSettings) -> Fleet:
        """Return what an operator has asked for; nothing of it is loaded yet."""
        overrides = Overrides(
            settings.host,
            settings.rest_port,
            settings.mcp_port,
            settings.skill_port,
            settings.control_port,
            settings.stdio,
        )
        return cls(paths, settings.load, overrides)

    def look(
        self, progress: Callable[[int, int], None] | None = None, *, anew: bool = True
    ) -> list[Diagnostic]:
        """Load every file; a file that can't be served any more keeps its last sound form.

        Args:
            progress: Told how many of how many files are loaded.
            anew: Whether files are loaded although nothing that they are made of has changed.

        Returns:
            What there is to say about the files that were loaded.
        """
        found: list[Diagnostic] = []
        newest: dict[Path, Loaded] = {}
        seen, before = stamps(eligible_files(self.paths)), stamps(self.sources)
        files = capability_files(self.paths)
        for number, path in enumerate(files, 1):
            loaded = None if anew else self._unchanged(path)
            if loaded is None:
                loaded = load(path, self.options)
                found.extend(loaded.diagnostics)
            newest[path] = loaded
            for one, stamp in stamps(_made_of(loaded)).items():
                seen.setdefault(one, before.get(one, stamp))  # it may have changed meanwhile
            if progress is not None:
                progress(number, len(files))
        self._take(newest, seen)
        return found

    def glance(self) -> Stamps:
        """Return how all files that matter are now; other than `stamps` if any has changed."""
        return stamps([*eligible_files(self.paths), *self.sources])

    def take_back(self, files: Iterable[str]) -> bool:
        """Serve what was served before the last look of some files, because their port is taken.

        Args:
            files: As the capabilities name them.

        Returns:
            Whether that changes anything.
        """
        asked = set(files)
        changed = [
            path
            for path, loaded in self.loaded.items()
            if loaded.capability is not None
            and loaded.capability.file in asked
            and loaded is not self._before.get(path)
        ]
        for path in changed:
            self.broken.add(path)
            self.loaded[path] = self._before.get(path) or Loaded(path, None, ())
        return bool(changed)

    def take_all_back(self) -> None:
        """Serve what was served before the last look: what came of that can't be swapped in."""
        unserved = {path: Loaded(path, None, ()) for path in self.newest}
        self.loaded = unserved | self._before
        self.broken |= {path for path, one in self.newest.items() if self.loaded[path] is not one}

    @property
    def capabilities(self) -> list[Capability]:
        """The capabilities that are sound, in the order of their files."""
        found = (loaded.capability for loaded in self.loaded.values())
        return [capability for capability in found if capability is not None]

    @property
    def left_out_files(self) -> list[Path]:
        """The files of which nothing is served, because they are broken."""
        return [path for path in sorted(self.broken) if self.loaded[path].capability is None]

    @property
    def shows_metrics(self) -> bool:
        """Whether a control adapter shows what is measured."""
        plans = (plan for one in self.capabilities for plan in one.control)
        return not self.overrides.stdio and any(plan.metrics for plan in plans)

    @property
    def shown_traces(self) -> int:
        """How many traces are to be kept for the control adapters that show them; 0 for none."""
        kept = (plan.traces for one in self.capabilities for plan in one.control)
        return 0 if self.overrides.stdio else max(kept, default=0)

    @property
    def is_as_files_say(self) -> bool:
        """Whether no file is served in a form that it had before."""
        served, newest = self.loaded, self.newest
        return served.keys() == newest.keys() and all(
            served[path].capability is one.capability for path, one in newest.items()
        )

    @property
    def sources(self) -> set[Path]:
        """Every file and folder that capabilities are made of, existing or not."""
        return {path for one in self.newest.values() for path in _made_of(one)}

    @property
    def secrets(self) -> set[str]:
        """Every value that may never be shown, those of files that can't be served included."""
        every = (*self.loaded.values(), *self.newest.values())
        return {secret for loaded in every for secret in loaded.secrets}

    def left_out(self, capability: Capability) -> int:
        """Return how many units of a capability's document are not served."""
        return self.loaded[Path(capability.file)].declared - count_served(capability)

    def listeners(self) -> tuple[list[ListenerPlan], list[Diagnostic]]:
        """Return what is served where, and what clashes there."""
        diagnostics = Diagnostics()
        plans = plan_listeners(self.capabilities, self.overrides, diagnostics)
        return plans, list(diagnostics)

    def on_stdio(self) -> list[McpPlan]:
        """Return the MCP servers on standard input and output."""
        return plans_on_stdio(self.capabilities, self.overrides)

    def _unchanged(self, path: Path) -> Loaded | None:
        """Return what came of a file last if all that it was made of is as it was then."""
        loaded = self.newest.get(path)
        if loaded is None:
            return None
        now = stamps(_made_of(loaded))
        return loaded if all(self.stamps.get(one) == stamp for one, stamp in now.items()) else None

    def _take(self, newest: dict[Path, Loaded], seen: Stamps) -> None:
        self._before = self.loaded
        self.newest = newest
        self.stamps = seen
        self.broken = {path for path, one in newest.items() if _is_broken(one)}
        self.loaded = {
            path: self._before.get(path, one) if path in self.broken else one
            for path, one in newest.items()
        }


def _made_of(loaded: Loaded) -> set[Path]:
    """Return a file, what it was put together from, and the files that it serves."""
    capability = loaded.capability
    served = capability.places if capability else frozenset[Path]()
    return {loaded.path, *loaded.sources, *served}


def _is_broken(loaded: Loaded) -> bool:
    return loaded.capability is None and not loaded.is_section
