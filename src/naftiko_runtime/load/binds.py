"""Binds: which variables a document declares, and where their values come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.env_text import read_env_text
from naftiko_runtime.load.locations import split_location
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.variables import Variable, Variables
from naftiko_runtime.load.yaml_reader import read_file

_MISSING: Final = "create it, or correct 'location'; relative paths start from the capability file"


def read_binds(root: Map, path: Path, options: LoadOptions, diagnostics: Diagnostics) -> Variables:
    """Resolve the binds of a document.

    Args:
        root: The raw document, imports resolved.
        path: Its file. Relative locations start from the folder of the file that holds the bind,
            which may be an imported one; what is not there is looked for in this file's folder.
        options: Where environment and `--var` values come from.
        diagnostics: Takes what is wrong with the binds.
    """
    variables = Variables(environment={**options.environment, **options.variables})
    for bind in _binds(root):
        if not isinstance(bind, Map) or not isinstance(bind.get("keys"), Map):
            at = bind.position if isinstance(bind, (Map, Seq)) else root.position_of("binds")
            diagnostics.error("value-missing", "a bind needs 'keys': a map of its variables", at)
            continue
        source = _source(bind, path, options, diagnostics)
        if source.path is not None:
            variables.sources.append(source.path)
        _declare(bind, source, options, variables)
    return variables


def _binds(root: Map) -> list[Node]:
    found: list[Node] = []
    for holder in (root.get("capability"), root):
        entries = holder.get("binds") if isinstance(holder, Map) else None
        found.extend(entries if isinstance(entries, Seq) else [] if entries is None else [entries])
    return found


class _Source:
    """A place that variables get their values from; `how` has `<key>` where a key belongs."""

    def __init__(self, values: Mapping[str, str], how: str, path: Path | None = None) -> None:
        self.values = values
        self.how = how
        self.path = path


def _source(bind: Map, path: Path, options: LoadOptions, diagnostics: Diagnostics) -> _Source:
    location = bind.get("location")
    if location is None:
        return _Source(options.environment, "set the environment variable <key>")
    at = bind.position_of("location")
    scheme, target = _located(str(location), Path(bind.file).parent, path.parent)
    if scheme == "dir":
        values = _files_in(target, at, diagnostics)
        return _Source(values, f"put it into the file <key> in {location}", target)
    if scheme in ("", "file"):
        values = _keys_of(target, at, diagnostics)
        return _Source(values, f"put '<key>' into {location}", target)
    diagnostics.error(
        "bind-scheme-unsupported",
        f"binds can't be read from '{scheme}:'",
        at,
        hint="use file:, dir: (a folder of mounted secrets), or the environment",
    )
    return _Source({}, f"use a location that can be read instead of {location}")


def _located(location: str, *folders: Path) -> tuple[str, Path]:
    """Return a location's scheme, and where it leads from the first folder that has it.

    Where none has it, the last one counts.
    """
    places = [split_location(location, folder) for folder in folders]
    return next((place for place in places if place[1].exists()), places[-1])


def _files_in(folder: Path, at: Position, diagnostics: Diagnostics) -> dict[str, str]:
    if not folder.is_dir():
        message = f"there is no bind folder {folder}"
        diagnostics.warning("bind-file-missing", message, at, hint=_MISSING)
        return {}
    texts = {file.name: _content(file) for file in folder.iterdir() if file.is_file()}
    return {name: text for name, text in texts.items() if text is not None}


def _content(file: Path) -> str | None:
    """Return what a file of a folder holds; None if it is no text, as key stores are."""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None


def _keys_of(file: Path, at: Position, diagnostics: Diagnostics) -> dict[str, str]:
    if not file.is_file():
        message = f"there is no bind file {file}"
        diagnostics.warning("bind-file-missing", message, at, hint=_MISSING)
        return {}
    findings = len(diagnostics)
    content = _parsed(file, at, diagnostics)
    if not isinstance(content, dict):
        if len(diagnostics) == findings:
            message = f"the bind file {file} has to hold a mapping"
            diagnostics.error("value-invalid", message, at)
        return {}
    return {str(key): _text(value) for key, value in content.items() if value is not None}


def _parsed(file: Path, at: Position, diagnostics: Diagnostics) -> object:
    if file.suffix in (".yaml", ".yml"):
        return _yaml(file, at, diagnostics)
    kind = "JSON" if file.suffix == ".json" else "dotenv text"
    try:
        text = file.read_text(encoding="utf-8")
        return json.loads(text) if kind == "JSON" else read_env_text(text)
    except OSError as error:
        message = f"the bind file {file} can't be read: {error.strerror}"
    except ValueError as error:
        message = f"the bind file {file} is not {kind}: {error}"
    diagnostics.error("value-invalid", message, at)
    return None


def _yaml(file: Path, at: Position, diagnostics: Diagnostics) -> object:
    """Return what a YAML file holds; findings point to the bind, as its lines are secret."""
    inside = Diagnostics()
    content = read_file(file, str(file), inside)
    for one in inside:
        line = f" in line {one.position.line}" if one.position else ""
        message = f"the bind file {file} can't be read ({one.code}{line})"
        diagnostics.found.append(replace(one, message=message, position=at, hint=None))
    return content


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _declare(bind: Map, source: _Source, options: LoadOptions, variables: Variables) -> None:
    keys = bind["keys"]
    assert isinstance(keys, Map)
    namespace = bind.get("namespace")
    for name, key in keys.items():
        key = str(name if key is None else key)
        value = options.variables.get(name, source.values.get(key))
        how = source.how.replace("<key>", key)
        in_environment = key if "location" not in bind else None
        variable = Variable(name, value, how, environment=in_environment)
        names = [name] if namespace is None else [name, f"{namespace}.{name}"]
        for one in names:
            variables.by_name.setdefault(one, variable)
