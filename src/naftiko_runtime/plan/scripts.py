"""Script steps: which files they run, and in which language. Section 10 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.load.locations import read_text, split_location
from naftiko_runtime.plan.governance import LANGUAGES, Governance
from naftiko_runtime.spec.actions import Step
from naftiko_runtime.values import record

MAX_FILE_BYTES: Final = 1024 * 1024

_SEGMENT: Final = re.compile(r"[a-zA-Z0-9._-]+")
_KNOWN: Final = "the languages are python and javascript"
_GROOVY: Final = (
    "Groovy needs a Java virtual machine, which has no sandbox for it; "
    "write the script in python or javascript"
)


@record
class ScriptSource:
    """One file of a script.

    Attributes:
        file: The file.
        text: What it holds.
    """

    file: Path
    text: str


@record
class ScriptPlan:
    """A script, all its files read.

    Attributes:
        language: `python` or `javascript`.
        sources: What runs, in order: the dependencies, then the script itself.
        seconds: How long it may run at most, within the deadline of its call.
        at: Where the document names it.
    """

    language: str
    sources: tuple[ScriptSource, ...]
    seconds: float
    at: Position


class ScriptReader:
    """Reads the script steps of a capability.

    Args:
        diagnostics: Takes what is wrong.

    Attributes:
        governance: What holds for all scripts.
        files: Every file that was read, or looked for.
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self.governance = Governance()
        self.files: set[Path] = set()

    def read(self, step: Step, name: str, unit: str) -> ScriptPlan | None:
        """Return what a step runs; None if that can't be (an error of the unit tells why).

        Args:
            step: The step.
            name: What it is called.
            unit: The unit it belongs to, `namespace.name`.
        """
        reader = _StepReader(step, name, unit, self.governance, self._diagnostics)
        language, root = reader.language(), reader.root()
        if language is None or root is None or not reader.has_file():
            return None
        paths = list(reader.paths())
        self.files |= {root / path for path, _ in paths}
        sources = [reader.source(root, path, key) for path, key in paths]
        read = tuple(one for one in sources if one is not None)
        if len(read) < len(sources):
            return None
        return ScriptPlan(language, read, self.governance.seconds, step.at("file"))


@record
class _StepReader:
    """Reads one step."""

    step: Step
    name: str
    unit: str
    governance: Governance
    diagnostics: Diagnostics

    def language(self) -> str | None:
        """Return the language; None if the script can't or may not run."""
        if not self.governance.enabled:
            hint = "allow them with 'management.scripting.enabled', or NAFTIKO_SCRIPTING=true"
            self._refuse("scripts-disabled", "scripts are switched off", "type", hint)
            return None
        declared = self.step.language or self.governance.language
        if declared is None:
            self._refuse("value-missing", f"'{self.name}' has no 'language'", "language", _KNOWN)
            return None
        language = LANGUAGES.get(declared)
        if language is None:
            hint = did_you_mean(declared, LANGUAGES) or _KNOWN
            self._refuse_language(declared, _GROOVY if declared == "groovy" else hint)
        elif self.governance.allowed and language not in self.governance.allowed:
            allowed = ", ".join(sorted(self.governance.allowed))
            self._refuse_language(language, f"'allowedLanguages' allows {allowed}")
            language = None
        return language

    def root(self) -> Path | None:
        """Return the folder that the files are in."""
        location, at = self.step.location, self.step.at("location")
        if location is None and self.governance.location is not None:
            location, at = self.governance.location
        if not location:
            hint = "name the folder of the script, such as file:///./scripts"
            self._refuse("value-missing", f"'{self.name}' has no 'location'", "location", hint)
            return None
        scheme, root = split_location(location, Path(at.file).parent)
        if scheme in ("", "file"):
            return root
        message = f"'{self.name}' is at '{location}', and only files are run"
        self._refuse("script-file-invalid", message, "location", "use a file:/// location")
        return None

    def has_file(self) -> bool:
        """Return whether the step says what to run."""
        if self.step.file:
            return True
        hint = "name the script's file, relative to 'location'"
        self._refuse("value-missing", f"'{self.name}' has no 'file'", "file", hint)
        return False

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield each file, in the order in which they run, with the key that names it."""
        yield from ((path or "", "dependencies") for path in self.step.dependencies)
        yield self.step.file or "", "file"

    def source(self, root: Path, path: str, key: str) -> ScriptSource | None:
        """Read one file; it may not lie outside of the folder, links followed."""
        file = root / path
        if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
            hint = "use letters, digits, '.', '_' and '-', with '/' in between"
            self._refuse("script-file-invalid", f"'{path}' is no path of a script", key, hint)
            return None
        if not file.resolve().is_relative_to(root.resolve()):
            message = f"'{path}' leads out of the folder {root}"
            hint = "keep all files of a script inside 'location'"
            self._refuse("script-file-invalid", message, key, hint)
            return None
        try:
            return ScriptSource(file, _text(file))
        except ValueError as error:
            hint = "'file' and 'dependencies' are relative to 'location'"
            self._refuse("script-file-missing", f"the script {file}: {error}", key, hint)
            return None

    def _refuse_language(self, language: str, hint: str) -> None:
        message = f"'{self.name}' is written in {language}, which does not run here"
        self._refuse("script-language-unsupported", message, "language", hint)

    def _refuse(self, code: str, message: str, key: str, hint: str) -> None:
        message = f"{message}; {self.unit} is left out"
        self.diagnostics.error(code, message, self.step.at(key), hint=hint, unit=self.unit)


def _text(file: Path) -> str:
    if not file.is_file():
        raise ValueError("there is no such file")
    return read_text(file, MAX_FILE_BYTES)
