"""The management port: whether the process is well, what it serves, what is measured. Section 8.

A request goes through `service` (what it asks for, and who may have it); `process` is what it needs
to know of the process that serves, `payloads` what is said of that, `endpoints` where.
"""
