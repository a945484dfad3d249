"""What an operator says about a load, besides the files themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType

from naftiko_runtime.values import record


@record
class LoadOptions:
    """How documents are read.

    Attributes:
        environment: The process environment, `--env-file` included.
        variables: `--var NAME=VALUE`: values that go before every other source.
        base_uris: `--base-uri NAMESPACE=URL`, by namespace.
        base_uri: `--base-uri URL`, for the only consumed API that lacks one.
        import_roots: Folders besides the capability's own from which imports may come.
        strict: Whether a unit that can't be served makes the whole capability an error.
        require_binds: Whether a missing variable is an error.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    base_uris: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    base_uri: str | None = None
    import_roots: tuple[Path, ...] = ()
    strict: bool = False
    require_binds: bool = False
