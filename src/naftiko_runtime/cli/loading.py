"""Loading the one capability that a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from naftiko_runtime.cli.terminal import print_findings
from naftiko_runtime.diagnostics import Diagnostic
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.runtime.loading import load
from naftiko_runtime.secrecy import Secrecy

_ABOUT_OPTIONS: Final = ("base-uri-unused",)


@dataclass(frozen=True, slots=True)
class LoadedCapability:
    """A capability, and what was found in its file.

    Attributes:
        capability: The capability.
        diagnostics: All findings.
        variables: What the file takes from outside.
    """

    capability: Capability
    diagnostics: tuple[Diagnostic, ...]
    variables: tuple[Variable, ...] = ()

    @property
    def secrets(self) -> frozenset[str]:
        """The values that may never be shown."""
        return self.capability.secrets


def tell_unused_options(loaded: LoadedCapability) -> None:
    """Print which options have no effect, for commands that show no other findings."""
    unused = [one for one in loaded.diagnostics if one.code in _ABOUT_OPTIONS]
    print_findings(unused, Secrecy(loaded.secrets))


def load_or_exit(path: Path, options: LoadOptions) -> LoadedCapability:
    """Load a capability; where there is none, print what was found and exit with status 1."""
    loaded = load_or_tell(path, options)
    if loaded is None:
        raise SystemExit(1)
    return loaded


def load_or_tell(path: Path, options: LoadOptions) -> LoadedCapability | None:
    """Load a capability; where there is none, print what was found and return None."""
    loaded = load(path, options)
    if loaded.capability is None:
        print_findings(loaded.diagnostics, Secrecy(loaded.secrets))
        return None
    return LoadedCapability(loaded.capability, loaded.diagnostics, loaded.variables)
