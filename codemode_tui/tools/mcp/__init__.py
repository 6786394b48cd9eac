"""MCP servers of a session: their tools as functions inside the code.

A server runs outside the sandbox, as the user or on another machine: nothing here limits what it does. What
is held is what comes from it (names, schemas, results, all untrusted), and which of its tools may be called.
The package ``mcp`` is an extra: it is imported by a started server and by nothing else.
"""
