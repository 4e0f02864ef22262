"""``kg mcp``."""

from dataclasses import replace

from kg.cli.options import Data, data_folder
from kg.settings import Settings


def mcp(data: Data = None) -> None:
    """Offer the snapshot as tools to an assistant, by the Model Context Protocol on standard input and output."""
    from api.alone import application
    from api.mcp.server import make_server

    with application(replace(Settings.read(), data=data_folder(data))) as app:
        make_server(app).run("stdio")
