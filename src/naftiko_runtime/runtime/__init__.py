"""Start, stop, reload: what owns the listeners."""

from naftiko_runtime.runtime.serving import serve

__all__ = ["serve"]
