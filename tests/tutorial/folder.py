"""The folder of the tutorial's capabilities, which is beside a checkout where it is at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CHECKOUT: Final = Path(__file__).resolve().parents[2]


def tutorial_folder() -> Path | None:
    """Return the folder, where this machine has it."""
    candidates = (above / "shared" / "tutorial" for above in (_CHECKOUT, *_CHECKOUT.parents))
    return next((folder for folder in candidates if folder.is_dir()), None)
