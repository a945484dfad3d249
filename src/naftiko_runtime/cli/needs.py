"""What files still need from outside, as lines that a person copies and completes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from naftiko_runtime.cli.loading import LoadedCapability
from naftiko_runtime.cli.stand_ins import calls_of
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.base_uris import MissingBaseUri, environment_name
from naftiko_runtime.plan.exposed import operations_of

VALUE: Final = "VALUE"
BASE_URI: Final = "https://HOST"

_SHELL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Needs:
    """What is to be set, in the one way or in the other.

    Attributes:
        environment: Environment variables, each with what stands for its value; what no shell can
            set is not among them.
        options: Options of every command that loads files: all that is needed.
    """

    environment: Mapping[str, str]
    options: tuple[str, ...]

    def lines(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield what a person copies, for commands about these files."""
        if self.environment:
            yield "in the environment:"
            yield from (f"  export {name}={value}" for name, value in self.environment.items())
        if self.options:
            yield "or as options:" if self.environment else "as options:"
            words = ["naftiko serve", *(shlex.quote(str(path)) for path in paths)]
            lines = [" ".join(words), *(f"  {option}" for option in self.options)]
            yield from (f"  {line} \\" for line in lines[:-1])
            yield f"  {lines[-1]}"


def needs_of(loaded: Iterable[LoadedCapability]) -> Needs:
    """Return what files need together, each thing once, in the order of the files."""
    environment: dict[str, str] = {}
    options: dict[str, None] = {}
    for one in loaded:
        for variable in one.variables:
            if variable.value is None:
                options[_option("--var", variable.plain_name, VALUE)] = None
                environment |= _settable(variable.environment, VALUE)
        for base in _missing_base_uris(one.capability):
            for variable in base.variables:
                options[_option("--var", variable.plain_name, VALUE)] = None
                environment |= _settable(variable.environment, VALUE)
            if not base.variables:
                options[_option("--base-uri", base.namespace, BASE_URI)] = None
                environment |= _settable(environment_name(base.namespace), BASE_URI)
    return Needs(environment, tuple(options))


def _option(option: str, name: str, value: str) -> str:
    return f"{option} {shlex.quote(f'{name}={value}')}"


def _settable(name: str | None, value: str) -> dict[str, str]:
    return {name: value} if name is not None and _SHELL_NAME.fullmatch(name) else {}


def _missing_base_uris(capability: Capability) -> list[MissingBaseUri]:
    """Return the base URIs that calls of a capability lack, each once."""
    calls = (call for operation in operations_of(capability) for call in calls_of(operation))
    forwards = (forward.plan for rest in capability.rest for forward in rest.forwards)
    bases = chain((call.base for call in calls), (forward.base for forward in forwards))
    return list(dict.fromkeys(base for base in bases if isinstance(base, MissingBaseUri)))
