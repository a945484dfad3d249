"""Run Naftiko capability files: one YAML file in, a running integration out."""

from naftiko_runtime._version import __version__

__all__ = ["__version__"]
