"""The application for a WSGI server."""

from api import create_app

app = create_app()
