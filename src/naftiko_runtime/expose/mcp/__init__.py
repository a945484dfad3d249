"""MCP: tools over streamable HTTP and stdio, by the official SDK's rules. Section 9.

A call goes through `service` (which endpoint), `endpoint` (who may, and which of the SDK's two
paths), `server` (the SDK's server with its handlers), `calls` (the engine) and `results` (the
answer as MCP has it). `tools` holds what `tools/list` says.
"""
