"""The server: the tools, resources and prompts over one application, whatever the transport."""

import inspect
import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any, TypeVar
from wsgiref.types import WSGIEnvironment

from flask import Flask
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from api.mcp import guides
from api.mcp.shapes import Shape
from api.mcp.tools import TOOLS, Told
from kg import __version__
from kg.errors import KgError

#: The request that a tool is called by; its client's limits hold for the tool.
REQUEST: ContextVar[WSGIEnvironment | None] = ContextVar("request", default=None)

Read = TypeVar("Read")


def make_server(app: Flask) -> MCPServer[Any]:
    """Return a server over an application; tools run in threads, each in a request context of its own."""
    server: MCPServer[Any] = MCPServer(
        "calcikg",
        title="Evidence on calcinosis in systemic sclerosis",
        instructions=guides.INSTRUCTIONS,
        version=__version__,
        subscriptions=False,
        log_level="WARNING",
    )
    logging.getLogger("mcp").setLevel(logging.ERROR)  # what a caller got wrong is told to the caller
    for tool, shape in TOOLS.items():
        server.add_tool(
            _answering(app, tool, shape), annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
        )
    for address, (title, read) in guides.RESOURCES.items():
        server.resource(address, title=title, mime_type="text/markdown")(_reading(app, read))
    for name, text in guides.PROMPTS.items():
        server.prompt(name)(_prompt(text))
    return server


def within(app: Flask, read: Callable[[], Read]) -> Read:
    """Return what a function reads in the request that is being answered, or in one of this program alone."""
    with app.request_context(REQUEST.get() or EnvironBuilder().get_environ()):
        return read()


def _answering(app: Flask, tool: Callable[..., Told], shape: type[Shape]) -> Callable[..., CallToolResult]:
    @wraps(tool)
    def answer(**arguments: Any) -> CallToolResult:
        try:
            text, found = within(app, lambda: tool(**arguments))
        except KgError as error:
            raise ToolError(str(error)) from None
        except HTTPException as error:
            raise ToolError(error.description or error.name) from None
        return CallToolResult(
            content=[TextContent(type="text", text=text)],
            structured_content=found.model_dump(mode="json", exclude_none=True),
        )

    signature = inspect.signature(tool, eval_str=True)
    answer.__signature__ = signature.replace(return_annotation=Annotated[CallToolResult, shape])  # type: ignore[attr-defined]
    return answer


def _reading(app: Flask, read: Callable[[], str]) -> Callable[[], str]:
    @wraps(read)
    def answer() -> str:
        try:
            return within(app, read)
        except KgError as error:
            raise ResourceError(str(error)) from None

    return answer


def _prompt(text: str) -> Callable[[str], str]:
    def prompt(topic: Annotated[str, Field(description="A treatment, an outcome or a question")]) -> str:
        return text.format(topic=topic)

    return prompt
