"""Starts the sandbox: `python examples/polytomic_sandbox`."""

import sys
from pathlib import Path

if not __package__:
    # Run by its path, the folder itself is first on the module path. The package's parent belongs
    # there, as with `python -m`.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from polytomic_sandbox.command import main

if __name__ == "__main__":
    main()
