"""Variables: names that stand for values from outside, most of them secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.values import record


@record
class Variable:
    """A name, and the value that a source has for it.

    Attributes:
        name: As templates write it.
        value: Its value; None if the source has none.
        how_to_set: What an operator does to give it a value, as half a sentence.
        declared: Whether a bind declares it; otherwise it was found in the environment.
        environment: The environment variable that it comes from; None for other sources.
    """

    name: str
    value: str | None = field(repr=False)
    how_to_set: str
    declared: bool = True
    environment: str | None = None

    @property
    def plain_name(self) -> str:
        """Its name as `--var` takes it: `env.NAME` is `NAME`."""
        return self.name.removeprefix("env.")


@dataclass(slots=True)
class Variables:
    """All that is known about variables while a capability is compiled.

    Attributes:
        by_name: Declared ones, as `NAME` and as `namespace.NAME`.
        environment: What undeclared names are looked up in.
        uses: Where each variable is used, in order.
        sources: The files and folders that binds name, whether they exist or not.
    """

    by_name: dict[str, Variable] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    uses: list[tuple[Variable, Position]] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)

    def declared(self, name: str) -> Variable | None:
        """Return the variable that a bind declares under this name."""
        return self.by_name.get(name)

    def ambient(self, name: str) -> Variable:
        """Return an undeclared variable, from the environment; `env.NAME` is `NAME`."""
        name_there = name.removeprefix("env.")
        how = f"set the environment variable {name_there}"
        value = self.environment.get(name_there)
        return Variable(name, value, how, declared=False, environment=name_there)

    def in_environment(self, name: str) -> bool:
        """Return whether an undeclared name has a value in the environment."""
        return name.removeprefix("env.") in self.environment

    def used(self, variable: Variable, at: Position) -> None:
        """Note a use, so that what is missing can be reported where it is needed."""
        self.uses.append((variable, at))

    def needed(self) -> tuple[Variable, ...]:
        """Return the variables that are used, each once, in the order of their first use."""
        return tuple(dict.fromkeys(variable for variable, _ in self.uses))

    def secrets(self) -> frozenset[str]:
        """Return every value that may never be shown."""
        values = [one.value for one in self.by_name.values()]
        values += [one.value for one, _ in self.uses]
        return frozenset(value for value in values if value)
