"""Consumed operations, each put together from its API, its resource and itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.base_uris import (
    BaseUri,
    MissingBaseUri,
    meant_without_namespace,
    read_base_uri,
)
from naftiko_runtime.plan.credentials import NONE, CredentialReader, Credentials
from naftiko_runtime.plan.folding import fold
from naftiko_runtime.plan.formats import FormatPlan, read_format
from naftiko_runtime.plan.header_fitness import UNSETTABLE_HEADERS
from naftiko_runtime.plan.inputs import Place
from naftiko_runtime.plan.paths import PathTemplate, Variable, climbs, parse_path
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.resilience import ResiliencePolicy
from naftiko_runtime.plan.resilience_levels import (
    ResilienceReader,
    report_rates_without_requests,
)
from naftiko_runtime.plan.tls import with_tls
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.consumes import ConsumedApi, ConsumedOperation, ConsumedResource
from naftiko_runtime.spec.document import CapabilityBlock
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import record


@record
class Parameter:
    """A parameter of a consumed operation.

    Attributes:
        name: As upstream calls it.
        place: Where it travels; None for one that only other parts refer to.
        required: Whether a request without it makes no sense; None where the document is silent.
        value: The fixed value of the innermost level that has one, with where it stands.
        spec: The declaration; None for a path variable that nothing declares.
        at: Where it is declared, or where the operation is.
    """

    name: str
    place: Place | None
    required: bool | None
    value: tuple[Node, Position] | None
    spec: InputParameter | None
    at: Position


@record
class Api:
    """A consumed API as a whole.

    Attributes:
        namespace: How calls refer to it.
        base: Where it lives, or what that lacks.
        spec: The declaration.
    """

    namespace: str
    base: BaseUri | MissingBaseUri
    spec: ConsumedApi

    @property
    def resilience(self) -> ResilienceReader:
        """Reads what is done when it is slow, busy or broken."""
        origin = str(self.base.origin) if isinstance(self.base, BaseUri) else ""
        return ResilienceReader(self.namespace, origin, self.spec.x_resilience)


@record
class Consumed:
    """A consumed operation with all that its API and resource add to it."""

    namespace: str
    name: str
    method: str
    path: PathTemplate
    base: BaseUri | MissingBaseUri
    parameters: tuple[Parameter, ...]
    credentials: Credentials
    resilience: ResiliencePolicy
    format: FormatPlan
    spec: ConsumedOperation
    at: Position

    @property
    def address(self) -> str:
        """How calls refer to it."""
        return f"{self.namespace}.{self.name}"


Catalogue = Mapping[str, Mapping[str, list[Consumed]]]
"""All consumed operations by namespace and name; several where a name is taken twice."""


def read_apis(
    capability: CapabilityBlock, options: LoadOptions, names: Names, folder: Path
) -> dict[str, Api]:
    """Return every API that a capability consumes, by namespace.

    Args:
        capability: What the document says.
        options: What the operator supplies.
        names: What names mean outside of any adapter.
        folder: Where relative files are.
    """
    apis: dict[str, Api] = {}
    meant = meant_without_namespace(capability, options, names.diagnostics)
    for api in capability.consumes:
        namespace = api.namespace or ""
        if namespace in apis:
            message = f"there are two consumed APIs with the namespace '{namespace}'"
            hint = "rename one of them, and the calls that mean it"
            names.diagnostics.error("namespace-duplicate", message, api.at("namespace"), hint=hint)
            continue
        if api.tunnel is not None:
            message = f"'{namespace}' is reached through a tunnel, which is not supported yet"
            names.diagnostics.error("not-yet-supported", message, api.at("tunnel"))
        report_rates_without_requests(api, names.diagnostics)
        base = read_base_uri(api, options, names, without_namespace=api is meant)
        apis[namespace] = Api(namespace, with_tls(base, api, folder, names), api)
    return apis


def read_catalogue(apis: Mapping[str, Api], names: Names) -> Catalogue:
    """Put together every operation of the consumed APIs."""
    catalogue: dict[str, dict[str, list[Consumed]]] = {}
    for namespace, api in apis.items():
        operations = catalogue.setdefault(namespace, {})
        for operation in _operations(api, names):
            operations.setdefault(operation.name, []).append(operation)
    return catalogue


def within(catalogue: Catalogue, binary_bytes: int | None) -> Catalogue:
    """Return the operations as an adapter with a limit for binary bodies calls them."""
    if binary_bytes is None:
        return catalogue
    return {
        namespace: {
            name: [replace(one, format=one.format.within(binary_bytes)) for one in several]
            for name, several in operations.items()
        }
        for namespace, operations in catalogue.items()
    }


def _operations(api: Api, names: Names) -> Iterator[Consumed]:
    spec, resilience = api.spec, api.resilience
    credentials = _CredentialLevels(names)
    for resource in spec.resources:
        for operation in resource.operations:
            path = _path(resource, operation, api.namespace, names.diagnostics)
            if path is None:
                continue
            innermost = operation.authentication or resource.authentication or spec.authentication
            proof = credentials.read(innermost)
            method = (operation.method or "GET").upper()
            yield Consumed(
                api.namespace,
                operation.name or "",
                method,
                path,
                api.base,
                tuple(_parameters(spec, resource, operation, path, names.diagnostics)),
                proof or NONE,
                resilience.read(
                    method,
                    (resource.name or "", resource.x_resilience),
                    (operation.name or "", operation.x_resilience),
                ),
                read_format(operation, names.diagnostics),
                operation,
                operation.position,
            )


def _path(
    resource: ConsumedResource,
    operation: ConsumedOperation,
    namespace: str,
    diagnostics: Diagnostics,
) -> PathTemplate | None:
    """Return the path of an operation; None where it may lead out of the base URI."""
    level = operation if operation.path is not None else resource
    path = parse_path((level.path or "").strip())
    if not climbs(path):
        return path
    message = f"the path '{path}' has a '..', which may lead out of the base URI"
    unit = f"{namespace}.{operation.name}"
    diagnostics.error("value-invalid", message, level.at("path"), unit=unit)
    return None


class _CredentialLevels:
    """Compiles each `authentication` block once, however many operations it covers."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._read: dict[int, Credentials | None] = {}

    def read(self, block: Authentication | None) -> Credentials | None:
        if block is None:
            return NONE
        if id(block) not in self._read:
            self._read[id(block)] = CredentialReader(block, self._names).read()
        return self._read[id(block)]


def _parameters(
    api: ConsumedApi,
    resource: ConsumedResource,
    operation: ConsumedOperation,
    path: PathTemplate,
    diagnostics: Diagnostics,
) -> Iterator[Parameter]:
    merged: dict[tuple[str, str | None], Parameter] = {}
    for level in (api, resource, operation):
        for spec in level.input_parameters:
            _merge(spec, path, merged, diagnostics)
    declared = {fold(p.name) for p in merged.values() if p.place is Place.PATH}
    yield from merged.values()
    for variable in path.variables:
        if fold(variable.name) not in declared and not _is_reference(variable):
            yield Parameter(variable.name, Place.PATH, True, None, None, operation.at("path"))


def _merge(
    spec: InputParameter,
    path: PathTemplate,
    merged: dict[tuple[str, str | None], Parameter],
    diagnostics: Diagnostics,
) -> None:
    name = spec.name or ""
    place = _place(spec, name, path)
    if place is Place.HEADER and name.lower() in UNSETTABLE_HEADERS:
        message = f"the header '{name}' is the connection's own and is not set by parameters"
        diagnostics.warning("parameter-unused", message, spec.at("name"))
        return
    outer = merged.get((name, place))
    value = (spec.value, spec.at("value")) if spec.value is not None else None
    merged[name, place] = Parameter(
        name,
        place,
        True if place is Place.PATH else spec.is_required,
        value or (outer.value if outer else None),
        spec,
        spec.position,
    )


def _place(spec: InputParameter, name: str, path: PathTemplate) -> Place | None:
    place = Place.named(spec.in_)
    if place is not None:
        return place
    if any(variable.name == name for variable in path.variables):
        return Place.PATH
    return None if spec.in_ == "environment" else Place.QUERY


def _is_reference(variable: Variable) -> bool:
    """Return whether `{{rest.x}}` stands in the path: a reference, not a parameter's name."""
    return variable.doubled and "." in variable.name
