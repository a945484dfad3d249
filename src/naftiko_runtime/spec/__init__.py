"""The document, typed: one file per block of the specification."""
