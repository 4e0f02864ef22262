"""The HTTP service over a snapshot: `api.app` makes the Flask application, `api.supervisor` runs it."""
