"""The sections of a document as lists, also where they are written as keyed maps."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.load.nodes import Map, Node, Seq, named_entry

SECTIONS: Final = ("consumes", "exposes", "aggregates", "binds")

OF_AN_ENTRY: Final = frozenset(
    ("authentication", "functions", "flows", "keys", "prompts", "resources", "skills", "tools")
)
"""Keys with mappings below them that an entry has itself, where it is not in a list."""


def list_sections(root: Map) -> None:
    """Turn sections that are maps from namespace to entry into lists of entries, in place.

    Args:
        root: A document: a whole capability, or a file that only has sections.
    """
    for holder in (root, root.get("capability")):
        if isinstance(holder, Map):
            for section in SECTIONS:
                entries = holder.get(section)
                if isinstance(entries, Map) and _is_keyed(entries):
                    holder[section] = _listed(entries)


def is_import(entry: Node) -> bool:
    """Return whether an entry of a section stands for one of another file."""
    return isinstance(entry, Map) and "import" in entry and "baseUri" not in entry


def _is_keyed(entries: Map) -> bool:
    """Return whether a mapping is one from namespace to entry, and not a lone entry."""
    return entries.keys().isdisjoint(OF_AN_ENTRY) and all(
        isinstance(entry, Map) for entry in entries.values()
    )


def _listed(keyed: Map) -> Seq:
    listed = Seq(keyed.file, keyed.mark)
    for name in keyed:
        naming = "as" if is_import(keyed[name]) else "namespace"
        listed.append(named_entry(keyed, name, naming))
        listed.value_marks.append(keyed.value_marks.get(name, keyed.mark))
    return listed
