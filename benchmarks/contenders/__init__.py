"""The peers: each a server in front of the upstream.

They are run as `python FILE PORT UPSTREAM OPENAPI`, the last a document of the upstream.
"""
