"""Base URIs: what the document says, what the operator supplies, what is still missing."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.origins import DEFAULT_PORTS, Origin
from naftiko_runtime.plan.paths import encode_literal
from naftiko_runtime.plan.references import PLACEHOLDER, Names
from naftiko_runtime.plan.terms import VariableReference
from naftiko_runtime.spec.consumes import ConsumedApi
from naftiko_runtime.spec.document import CapabilityBlock
from naftiko_runtime.values import record

_BRACES: Final = re.compile(r"\{([^{}]+)\}")


@record
class BaseUri:
    """Where a consumed API lives.

    Attributes:
        origin: Where requests go.
        prefix: The path that all requests start with, encoded, without a slash at its end.
    """

    origin: Origin
    prefix: str

    def __str__(self) -> str:
        return f"{self.origin}{self.prefix}"


@record
class MissingBaseUri:
    """A base URI that lacks something.

    Attributes:
        namespace: The consumed API.
        written: What the document says so far.
        variables: The variables in it without a value.
    """

    namespace: str
    written: str
    variables: tuple[Variable, ...] = ()

    @property
    def how_to_set(self) -> str:
        """What an operator does about it, as half a sentence."""
        whole = f"--base-uri {self.namespace}=URL"
        if not self.variables:
            return f"give {whole}, or set {environment_name(self.namespace)}"
        each = " ".join(f"--var {one.plain_name}=VALUE" for one in self.variables)
        return f"give {each} (or {self._how_to_set_sources()}), or give {whole}"

    def _how_to_set_sources(self) -> str:
        named = [one.environment for one in self.variables if one.environment is not None]
        elsewhere = [one.how_to_set for one in self.variables if one.environment is None]
        return "; ".join([*([f"set {', '.join(named)}"] if named else []), *elsewhere])


def environment_name(namespace: str) -> str:
    """Return the environment variable that supplies a namespace's base URI."""
    word = re.sub(r"[^A-Za-z0-9]", "_", namespace).upper()
    return f"NAFTIKO_BASE_URI_{word}"


def meant_without_namespace(
    capability: CapabilityBlock, options: LoadOptions, diagnostics: Diagnostics
) -> ConsumedApi | None:
    """Return the consumed API that `--base-uri URL` means; where there is none, report the option.

    Args:
        capability: What the document says.
        options: What the operator supplies.
        diagnostics: Takes that the option is not used.
    """
    apis = capability.consumes
    lacking = [api for api in apis if _lacks_base_uri(api, options)]
    if len(lacking) == 1:
        return lacking[0]
    if len(apis) == 1:
        return apis[0]
    if options.base_uri is not None:
        why = f"{len(lacking)} consumed APIs lack" if lacking else "no consumed API lacks"
        namespaces = [api.namespace for api in lacking or apis if api.namespace]
        named = " or ".join(f"--base-uri {namespace}=URL" for namespace in namespaces)
        diagnostics.warning(
            "base-uri-unused",
            f"--base-uri without a namespace is not used: {why} a base URI",
            capability.at("consumes"),
            hint=f"say which one is meant: {named}" if named else None,
        )
    return None


def read_base_uri(
    api: ConsumedApi, options: LoadOptions, names: Names, *, without_namespace: bool
) -> BaseUri | MissingBaseUri:
    """Determine where a consumed API lives; what is missing is a warning, not an error.

    Args:
        api: The consumed API.
        options: What the operator supplies.
        names: How `{{...}}` in the URI is read.
        without_namespace: Whether `--base-uri URL` means this one.
    """
    namespace = api.namespace or ""
    supplied = _supplied(namespace, options, without_namespace=without_namespace)
    written = supplied if supplied is not None else (api.base_uri or "").strip()
    missing: list[Variable] = []
    filled = _fill(written, api, options, names, missing)
    if missing or not filled:
        lacking = MissingBaseUri(namespace, written, tuple(dict.fromkeys(missing)))
        _warn(lacking, api, names.diagnostics)
        return lacking
    base = _split(filled)
    if base is None:
        message = f"the base URI of '{namespace}' is no http or https URL"
        names.diagnostics.error("value-invalid", message, api.at("baseUri"))
        return MissingBaseUri(namespace, written)
    return base


def _lacks_base_uri(api: ConsumedApi, options: LoadOptions) -> bool:
    """Return whether neither the document nor the operator gives an API a base URI by name."""
    supplied = _supplied(api.namespace or "", options, without_namespace=False)
    return supplied is None and not (api.base_uri or "").strip()


def _supplied(namespace: str, options: LoadOptions, *, without_namespace: bool) -> str | None:
    from_environment = options.environment.get(environment_name(namespace))
    for uri in (options.base_uris.get(namespace), from_environment):
        if uri:
            return uri
    return options.base_uri if without_namespace else None


def _fill(
    text: str, api: ConsumedApi, options: LoadOptions, names: Names, missing: list[Variable]
) -> str:
    at = api.at("baseUri")

    def bound(match: re.Match[str]) -> str:
        name = match["name"].strip().removeprefix("env.")
        if name in options.variables:
            return options.variables[name]
        term = names.placeholder(match["name"].strip(), at)
        known = term.variable if isinstance(term, VariableReference) else None
        variable = known or names.variables.ambient(name)
        return variable.value if variable.value is not None else _note(variable, missing)

    def braced(match: re.Match[str]) -> str:
        name = match[1].strip()
        variable = names.variables.declared(name) or names.variables.ambient(name)
        value = options.variables.get(name) or variable.value
        return value or options.environment.get(name) or _note(variable, missing)

    return _BRACES.sub(braced, PLACEHOLDER.sub(bound, text))


def _note(variable: Variable, missing: list[Variable]) -> str:
    missing.append(variable)
    return ""


def _warn(lacking: MissingBaseUri, api: ConsumedApi, diagnostics: Diagnostics) -> None:
    names = ", ".join(variable.plain_name for variable in lacking.variables)
    lack = f"lacks {names}" if names else "is empty"
    diagnostics.warning(
        "base-uri-missing",
        f"the base URI of '{lacking.namespace}' {lack}; its calls will answer 503",
        api.at("baseUri"),
        hint=lacking.how_to_set,
    )


def _split(text: str) -> BaseUri | None:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        return None
    port = DEFAULT_PORTS[scheme] if port is None else port
    prefix = encode_literal(parts.path).rstrip("/")
    return BaseUri(Origin(scheme, parts.hostname, port), prefix) if port else None
