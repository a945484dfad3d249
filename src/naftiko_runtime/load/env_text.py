"""Variables as `.env` files have them."""

from __future__ import annotations

from io import StringIO


def read_env_text(text: str) -> dict[str, str]:
    """Return the variables of a text; each value stands for itself, dollars and all.

    A name without a value is left out.
    """
    from dotenv import dotenv_values  # most start without such files

    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}
