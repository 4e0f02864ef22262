"""The graph as tools for an assistant, by the Model Context Protocol: ``/mcp`` and ``kg mcp``.

The tools read the snapshot as the routes do, within the same limits. No model is called, and nothing leaves the machine
but the answers.
"""
