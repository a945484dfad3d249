"""MCP: tools, resources and prompts over HTTP and stdio, by the official SDK's rules. Section 9.

A request goes through `service` (which endpoint), `endpoint` (who may, and which of the SDK's two
paths) and `server` (the SDK's server with its handlers). A tool call goes on to `calls` (the
engine) and `results` (the answer as MCP has it); a resource to `reading`, a prompt to `prompting`.
`offer` holds what an endpoint offers; `tools`, `resources` and `prompts` what lists say of it.
"""
