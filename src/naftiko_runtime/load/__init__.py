"""From files to raw documents: YAML with positions, imports, variables."""
