"""The options that commands share, each declared once.

A declaration is the source of the option itself, of the environment variable that stands for it,
of its line in `--help`, and of its row in `docs/commands`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import click

from naftiko_runtime.cli.environment import environment, use_env_file
from naftiko_runtime.cli.values import base_uri, name_value, seconds
from naftiko_runtime.load.discovery import capability_files
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.settings import DEFAULT_TIMEOUT_SECONDS

CommandFunction: TypeAlias = Callable[..., None]
"""What a command does, given its options as keyword arguments."""

FILES: Final = click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
FILE: Final = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
UNIT: Final = click.argument("unit", metavar="UNIT")

TIMEOUT: Final = click.option(
    "--timeout",
    "timeout_seconds",
    type=seconds,
    metavar="SECONDS",
    default=f"{DEFAULT_TIMEOUT_SECONDS:g}",
    envvar="NAFTIKO_TIMEOUT",
    show_envvar=True,
    show_default=True,
    help="How long a call may take as a whole.",
)

_LOADING: Final = (
    click.option(
        "--base-uri",
        "base_uris",
        type=base_uri,
        metavar="[NAMESPACE=]URL",
        multiple=True,
        help="Where the consumed API of a namespace lives, whatever the file says; without a "
        "namespace, the only one that the file gives no base URI. Repeatable. The variables "
        "NAFTIKO_BASE_URI_<NAMESPACE> do the same.",
    ),
    click.option(
        "--var",
        "variables",
        type=name_value,
        metavar="NAME=VALUE",
        multiple=True,
        help="Give a variable of the file a value, before every other source. Repeatable.",
    ),
    click.option(
        "--env-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        is_eager=True,
        callback=use_env_file,
        help="Read environment variables from a file of NAME=VALUE lines; the environment itself "
        "goes first.",
    ),
    click.option(
        "--require-binds",
        is_flag=True,
        help="Take a variable without a value for an error.",
    ),
    click.option(
        "--allow-imports-from",
        "import_roots",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="DIR",
        multiple=True,
        help="Let files import from this folder, too, besides their own. Repeatable.",
    ),
)


def loading(command: CommandFunction) -> CommandFunction:
    """Give a command the options that say how documents are read; it gets them as `load`."""

    @wraps(command)
    def with_load_options(
        *,
        base_uris: tuple[tuple[str | None, str], ...],
        variables: tuple[tuple[str, str], ...],
        env_file: Path | None,
        require_binds: bool,
        import_roots: tuple[Path, ...],
        **others: object,
    ) -> None:
        del env_file  # read already: it is part of the environment
        load = LoadOptions(
            environment=MappingProxyType(dict(environment(click.get_current_context()))),
            variables=MappingProxyType(dict(variables)),
            base_uris=MappingProxyType({name: url for name, url in base_uris if name is not None}),
            base_uri=_without_namespace(base_uris),
            import_roots=import_roots,
            require_binds=require_binds,
        )
        command(load=load, **others)

    for option in reversed(_LOADING):
        option(with_load_options)
    return with_load_options


def require_files(paths: Sequence[Path]) -> list[Path]:
    """Return the capability files that paths stand for.

    Raises:
        click.UsageError: There are none.
    """
    files = capability_files(paths)
    if not files:
        raise click.UsageError(f"there is no capability file in {', '.join(map(str, paths))}")
    return files


def _without_namespace(base_uris: tuple[tuple[str | None, str], ...]) -> str | None:
    urls = [url for name, url in base_uris if name is None]
    if len(urls) > 1:
        message = "only one --base-uri can do without a namespace; write --base-uri NAMESPACE=URL"
        raise click.UsageError(message)
    return urls[0] if urls else None
