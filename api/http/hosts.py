"""The public address of the service, which absolute links begin with."""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.sansio.utils import host_is_trusted

from api.http.problems import bare_problem


class Addressed:
    """A WSGI application below a public address: a fixed one, or else the one that a request or its proxy names."""

    def __init__(self, application: WSGIApplication, base_url: str) -> None:
        """Take ``base_url`` whatever a request names; an empty one leaves it to the request."""
        self._application, self._base = application, urlsplit(base_url)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with links below the address; 400 for a host that no link can have (RFC 9112, section 3.2)."""
        if not (host := environ.get("HTTP_HOST")):  # the server's own address takes its place (PEP 3333)
            host = environ["HTTP_HOST"] = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        if not _is_host(host):
            status, headers, body = bare_problem("bad-request", f"{host!a} is no host that a link can have")
            start_response(status, headers)
            return [body]
        if self._base.netloc:
            environ["wsgi.url_scheme"], environ["HTTP_HOST"] = self._base.scheme, self._base.netloc
            environ["SCRIPT_NAME"] = self._base.path
        return self._application(environ, start_response)


@lru_cache(maxsize=256)
def _is_host(host: str) -> bool:
    """Tell whether a link can have a host, with or without a port.

    >>> [_is_host(host) for host in ("example.org", "example.org:8080", "[::1]:80", "xn--mnchen-3ya.de", "127.0.0.1")]
    [True, True, True, True, True]
    >>> [_is_host(host) for host in ("..", "a" * 64, "[:::]", "xn--", "a b", "user@example.org", "x:99999", "x, y")]
    [False, False, False, False, False, False, False, False]
    """
    if not host_is_trusted(host):  # its characters and its port
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return ":" in name or bool(name.encode("idna").decode("idna"))
    except ValueError:
        return False
