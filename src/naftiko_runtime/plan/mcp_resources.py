"""MCP resources: from the document to what can be read. Section 9 of the behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.locations import split_location
from naftiko_runtime.plan.collector import Face
from naftiko_runtime.plan.completions import known_values
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.mcp_actions import Compiled, Declared, compile_actions
from naftiko_runtime.plan.mcp_parts import DynamicResource, Resource, StaticFolder
from naftiko_runtime.plan.sizes import read_size
from naftiko_runtime.plan.static_folders import MOST_FILES, list_files
from naftiko_runtime.plan.units import has_action
from naftiko_runtime.plan.uri_templates import UriTemplate, UriTemplateInvalid, parse_uri_template
from naftiko_runtime.spec.mcp import McpAdapter, McpResource


def plan_resources(adapter: McpAdapter, context: Context) -> tuple[Resource, ...]:
    """Compile the resources of an adapter; those that can't be served are left out and reported.

    Args:
        adapter: The adapter.
        context: What names mean inside it.
    """
    at = adapter.at("maxBinarySize")
    largest = read_size(adapter.max_binary_size, at, context.diagnostics)
    reader = _Reader(adapter.namespace or "", largest, context)
    return tuple(reader.read(adapter.resources))


class _Reader:
    """Reads the resources of one adapter."""

    def __init__(self, namespace: str, largest: int, context: Context) -> None:
        self._namespace = namespace
        self._largest = largest
        self._context = context
        self._diagnostics: Diagnostics = context.diagnostics

    def read(self, resources: Sequence[McpResource]) -> Iterator[Resource]:
        placed = [*self._placed(resources)]
        declared = [
            one
            for spec, uri in placed
            if spec.location is None and (one := self._declared(spec, uri)) is not None
        ]
        compiled = {one.declared.published: one for one in compile_actions(declared, self._context)}
        for spec, uri in placed:
            resource: Resource | None
            if spec.location is not None:
                resource = self._folder(spec, uri, spec.location)
            else:
                dynamic = compiled.get(uri.text)
                resource = self._dynamic(dynamic, uri) if dynamic is not None else None
            if resource is not None:
                yield resource

    def _placed(
        self, resources: Sequence[McpResource]
    ) -> Iterator[tuple[McpResource, UriTemplate]]:
        """Yield resources with their URIs, each URI once."""
        taken: set[str] = set()
        for spec in resources:
            uri = self._uri(spec)
            if uri is not None and uri.text not in taken:
                taken.add(uri.text)
                yield spec, uri
            elif uri is not None:
                message = f"there are two resources at '{uri.text}'; the first one is served"
                self._diagnostics.warning("resource-duplicate", message, spec.at("uri"))

    def _uri(self, spec: McpResource) -> UriTemplate | None:
        text = (spec.uri or "").strip()
        try:
            uri = parse_uri_template(text)
        except UriTemplateInvalid as error:
            self._refuse(spec, "resource-uri-invalid", str(error), "uri")
            return None
        if not text:
            self._refuse(spec, "resource-uri-invalid", "a resource needs a 'uri'", "uri")
        elif spec.location is not None and uri.variables:
            problem = "the URI of a folder has no variables"
            self._refuse(spec, "resource-uri-invalid", problem, "uri")
        else:
            return uri
        return None

    def _declared(self, spec: McpResource, uri: UriTemplate) -> Declared[McpResource] | None:
        unit = self._unit(spec)
        effective = self._context.functions.effective(spec, unit, self._diagnostics)
        if effective is None:
            return None
        if not has_action(effective.spec):
            problem = "it has nothing that gives its content"
            hint = "give it a 'call', 'steps', a 'ref', outputs with a 'value', or a 'location'"
            self._refuse(spec, "operation-without-action", problem, "uri", hint)
            return None
        face = Face(is_rest=False, path_variables=uri.variables)
        return Declared(uri.text, unit, effective, face, effective.spec.input_parameters)

    def _dynamic(self, compiled: Compiled[McpResource], uri: UriTemplate) -> DynamicResource:
        spec, operation = compiled.declared.spec, compiled.operation
        self._report_unfed(compiled, uri)
        declared = {one.name: one for one in spec.input_parameters}
        known = {
            one.name: known_values(one, declared.get(one.name))
            for one in operation.inputs
            if one.name in uri.variables
        }
        consumed = compiled.consumed
        return DynamicResource(
            spec.name or uri.text,
            spec.label,
            spec.description or (consumed.spec.description if consumed else None),
            uri,
            operation,
            spec.mime_type,
            spec.binary,
            self._largest,
            known,
            spec.position,
        )

    def _report_unfed(self, compiled: Compiled[McpResource], uri: UriTemplate) -> None:
        """Report inputs that no one can give: what is read brings nothing but its URI."""
        for one in compiled.operation.inputs:
            if one.required and not one.has_default and one.name not in uri.variables:
                self._diagnostics.warning(
                    "input-unfed",
                    f"{compiled.operation.address} needs '{one.name}', and its URI has no such "
                    "variable; it can't be read",
                    compiled.declared.spec.at("uri"),
                    hint=f"put {{{one.name}}} into the URI, or feed it in 'with'",
                )

    def _folder(self, spec: McpResource, uri: UriTemplate, location: str) -> StaticFolder | None:
        at = spec.at("location")
        scheme, path = split_location(location, Path(at.file).parent)
        if scheme not in ("", "file"):
            problem = f"files can't be served from '{scheme}:'"
            self._refuse(spec, "location-unsupported", problem, "location")
            return None
        if has_action(spec):
            message = f"{self._unit(spec)} has a 'location'; nothing is called for it"
            self._diagnostics.warning("value-invalid", message, at)
        path = path.resolve()
        if not path.exists():
            message = f"there is nothing at {location}; '{uri.text}' has no files"
            self._diagnostics.warning("location-missing", message, at)
        start = uri.text if path.is_file() or uri.text.endswith("/") else f"{uri.text}/"
        files, has_more = list_files(path, start, spec.mime_type)
        if has_more:
            message = f"{location} has more than {MOST_FILES} files; the others are not listed"
            self._diagnostics.warning("folder-too-large", message, at)
        return StaticFolder(
            self._unit(spec),
            spec.label,
            spec.description,
            start,
            path,
            files,
            spec.mime_type,
            spec.binary,
            self._largest,
            spec.position,
        )

    def _unit(self, spec: McpResource) -> str:
        return f"{self._namespace}.{spec.name or spec.uri}"

    def _refuse(
        self, spec: McpResource, code: str, problem: str, key: str, hint: str | None = None
    ) -> None:
        unit = self._unit(spec)
        message = f"{problem}; {unit} is left out"
        self._diagnostics.error(code, message, spec.at(key), hint=hint, unit=unit)
