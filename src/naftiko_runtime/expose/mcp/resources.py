"""The resources of one endpoint: what lists say of them, and which one a URI means. Section 9."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from naftiko_runtime.expose.mcp.pages import Entry, Listing, Pages, entry
from naftiko_runtime.expose.mcp.static_files import file_parts
from naftiko_runtime.plan.mcp_parts import DynamicResource, Resource, StaticFile, StaticFolder
from naftiko_runtime.values import Json


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A resource that an operation gives, with the values of its URI's variables."""

    resource: DynamicResource
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Static:
    """A file of a folder, which may be there or not."""

    folder: StaticFolder
    parts: tuple[str, ...]


Meant: TypeAlias = Dynamic | Static
"""What a URI may mean."""


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """The resources that an endpoint offers at one moment; a reload replaces it as a whole.

    Attributes:
        pages: What `resources/list` answers.
        template_pages: What `resources/templates/list` answers.
        single: Resources of one URI, by URI.
        folders: In order.
        templates: In order.
        files: The listed files, by URI.
    """

    pages: Pages
    template_pages: Pages
    single: Mapping[str, DynamicResource]
    folders: tuple[StaticFolder, ...]
    templates: tuple[DynamicResource, ...]
    files: Mapping[str, StaticFile]

    def __bool__(self) -> bool:
        return bool(self.single or self.folders or self.templates)

    def find(self, uri: str) -> Iterator[Meant]:
        """Yield what a URI may mean, the most likely first.

        That is the resource of just this URI; else files; else templates, in document order.
        """
        if uri in self.single:
            yield Dynamic(self.single[uri], {})
            return
        for folder in self.folders:
            parts = file_parts(folder, uri)
            if parts is not None:
                yield Static(folder, parts)
        for template in self.templates:
            values = template.uri.match(uri)
            if values is not None:
                yield Dynamic(template, values)

    def template(self, text: str) -> DynamicResource | None:
        """Return the template that is listed as this text."""
        return next((one for one in self.templates if one.uri.text == text), None)


def prepare_resources(resources: Sequence[Resource], listing: Listing) -> ResourceSet:
    """Prepare the resources of an endpoint.

    Args:
        resources: In the order in which they are listed; no two of one URI.
        listing: How they are listed.
    """
    listed = {str(one["uri"]): one for one in reversed([*_entries(resources)])}
    dynamic = [one for one in resources if isinstance(one, DynamicResource)]
    folders = tuple(one for one in resources if isinstance(one, StaticFolder))
    templates = tuple(one for one in dynamic if one.is_template)
    single = {one.uri.text: one for one in dynamic if not one.is_template}
    files = {file.uri: file for folder in reversed(folders) for file in folder.files}
    return ResourceSet(
        listing.pages("resources", [*reversed(listed.values())]),
        listing.pages("resourceTemplates", [*map(_template_entry, templates)]),
        single,
        folders,
        templates,
        {uri: file for uri, file in files.items() if uri not in single},
    )


def _entries(resources: Iterable[Resource]) -> Iterator[Entry]:
    for one in resources:
        if isinstance(one, StaticFolder):
            yield from (_file_entry(one, file) for file in one.files)
        elif not one.is_template:
            yield entry(uri=one.uri.text, **_about(one))


def _file_entry(folder: StaticFolder, file: StaticFile) -> Entry:
    title = folder.title
    if title is not None and file.uri != folder.uri:
        title = f"{title}: {file.name}"
    return entry(
        uri=file.uri,
        name=file.name,
        title=title,
        description=folder.description,
        mimeType=file.mime_type,
        size=file.size,
    )


def _template_entry(one: DynamicResource) -> Entry:
    return entry(uriTemplate=one.uri.text, **_about(one))


def _about(one: DynamicResource) -> dict[str, Json]:
    return {
        "name": one.name,
        "title": one.title,
        "description": one.description,
        "mimeType": one.mime_type,
    }
