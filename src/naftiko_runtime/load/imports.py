"""Imports: sections that a document takes from other files, resolved on the raw document."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.load.sections import SECTIONS, is_import, list_sections
from naftiko_runtime.load.yaml_reader import read_file


@dataclass(slots=True)
class Importer:
    """Resolves the imports of one capability.

    Attributes:
        roots: The folders that sources may lie in: the first file's own, and those allowed.
        diagnostics: Takes what is wrong.
        sources: Every file that was imported from, in order of discovery; None for a missing one.
    """

    roots: tuple[Path, ...]
    diagnostics: Diagnostics
    sources: dict[Path, Node] = field(default_factory=dict)

    def resolve(self, root: Map, path: Path) -> None:
        """Replace the import entries of a document by what they stand for, in place.

        Keyed maps of sections become lists on the way.
        """
        list_sections(root)
        for holder in (root, root.get("capability")):
            if isinstance(holder, Map):
                for section in SECTIONS:
                    self._resolve_section(holder, section, path)
        self._add_binds_of_sources(root)

    def _resolve_section(self, holder: Map, section: str, path: Path) -> None:
        entries = holder.get(section)
        if not isinstance(entries, Seq) or not any(is_import(entry) for entry in entries):
            return
        resolved = Seq(entries.file, entries.mark)
        for index, entry in enumerate(entries):
            found = self._entry(entry, section, path, ()) if is_import(entry) else entry
            if found is not None:
                resolved.append(found)
                resolved.value_marks.append(entries.value_marks[index])
        holder[section] = resolved

    def _entry(
        self, entry: Node, section: str, path: Path, chain: tuple[tuple[Path, str], ...]
    ) -> Node:
        assert isinstance(entry, Map)
        key = "from" if "from" in entry else "location"
        location, wanted = entry.get(key), entry["import"]
        if not isinstance(location, str) or not isinstance(wanted, str):
            self.diagnostics.error(
                "import-missing",
                "an import names a file ('location' or 'from') and a namespace ('import')",
                entry.position,
            )
            return None
        source = Path(os.path.normpath(path.parent / location.removeprefix("file:///./")))
        if (source, wanted) in chain:
            self.diagnostics.error(
                "import-loop",
                f"'{wanted}' of {location} is imported by way of itself",
                entry.position_of(key),
            )
            return None
        if not self._may_read(source):
            self.diagnostics.error(
                "import-outside",
                f"{location} lies outside the capability's own folder",
                entry.position_of(key),
                hint=f"allow it with --allow-imports-from {source.parent}",
            )
            return None
        found = self._find(entry, source, section, wanted)
        if found is not None and is_import(found):
            found = self._entry(found, section, source, (*chain, (source, wanted)))
        return _renamed(found, entry) if isinstance(found, Map) else None

    def _may_read(self, source: Path) -> bool:
        real = source.resolve()
        return any(real.is_relative_to(root.resolve()) for root in self.roots)

    def _find(self, entry: Map, source: Path, section: str, wanted: str) -> Node:
        key = "from" if "from" in entry else "location"
        at = entry.position_of(key)
        if not source.is_file():
            self.sources.setdefault(source, None)
            self.diagnostics.error("import-missing", f"there is no file {entry[key]}", at)
            return None
        entries = _section(self._read(source, at.file), section)
        named = {str(_namespace(one)): one for one in entries if isinstance(one, Map)}
        if wanted not in named:
            self.diagnostics.error(
                "import-namespace-unknown",
                f"{entry[key]} has no '{wanted}' under '{section}'",
                entry.position_of("import"),
                hint=did_you_mean(wanted, named) or _offer(named),
            )
        return named.get(wanted)

    def _read(self, source: Path, importer: str) -> Node:
        if source not in self.sources:
            shown = os.path.relpath(source) if not Path(importer).is_absolute() else str(source)
            root = read_file(source, shown, self.diagnostics)
            if isinstance(root, Map):
                list_sections(root)
            self.sources[source] = root
        return self.sources[source]

    def _add_binds_of_sources(self, root: Map) -> None:
        """Let imported parts find the variables that their own file binds, after the importer's."""
        brought = [
            self._entry(bind, "binds", path, ()) if is_import(bind) else bind
            for path, source in [*self.sources.items()]
            for bind in _section(source, "binds")
        ]
        if not brought:
            return
        own = root.get("binds")
        binds = Seq(root.file, root.mark)
        for bind in (*(own if isinstance(own, Seq) else [own]), *brought):
            if bind is not None:
                binds.append(bind)
                binds.value_marks.append(bind.mark if isinstance(bind, (Map, Seq)) else root.mark)
        root["binds"] = binds


def _section(root: Node, section: str) -> list[Node]:
    """Return a section's entries: those at the root, and those of a whole capability."""
    found: list[Node] = []
    if isinstance(root, Map):
        for holder in (root, root.get("capability")):
            entries = holder.get(section) if isinstance(holder, Map) else None
            found.extend(entries if isinstance(entries, Seq) else ())
    return found


def _namespace(entry: Map) -> Node:
    return entry.get("as", entry.get("import")) if is_import(entry) else entry.get("namespace")


def _renamed(found: Map, entry: Map) -> Map:
    if not isinstance(entry.get("as"), str):
        return found
    renamed = Map(found.file, found.mark)
    renamed.update(found)
    renamed.key_marks.update(found.key_marks)
    renamed.value_marks.update(found.value_marks)
    renamed["namespace"] = entry["as"]
    return renamed


def _offer(named: dict[str, Map]) -> str | None:
    return f"it has {', '.join(sorted(named))}" if named else None
