"""The addresses of the application, and the files that take their place.

An address is a path below the base with its query, without a slash before it: ``page/finding?start=100``; the start
page is the empty one.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

#: Extensions of documents whose address has none.
_EXTENSIONS = {
    "text/html": "html",
    "text/csv": "csv",
    "application/json": "json",
    "application/ld+json": "jsonld",
    "application/trig": "trig",
    "application/rdf-patch": "rdfp",
    "image/svg+xml": "svg",
    "text/turtle": "ttl",
    "application/n-quads": "nq",
}
#: Longest readable part of a file name that is made from a query.
_LONGEST = 90
#: Where a name begins with a capital: many file systems take it for the same name in small letters.
_CAPITAL = re.compile(r"(?:^|(?<=/))(?=[A-Z])")


@dataclass(frozen=True)
class Target:
    """Where a link leads within the application: an address, and a place in the document found there."""

    address: str
    fragment: str = ""
    absolute: bool = False  # written out with scheme and host, as the IRIs of the data are


@dataclass(frozen=True)
class Base:
    """What addresses stand below: scheme, host and path, with a slash at the end."""

    url: str

    @property
    def prefix(self) -> str:
        """The path of the base.

        >>> Base("https://w3id.org/calcikg/").prefix
        '/calcikg/'
        """
        return urlsplit(self.url).path

    def target(self, link: str, document: str = "") -> Target | None:
        """Return what a link in a document leads to; None when that is outside of the application.

        >>> Base("https://w3id.org/calcikg/").target("/calcikg/page/site/hand#data")
        Target(address='page/site/hand', fragment='data', absolute=False)
        >>> Base("https://w3id.org/calcikg/").target("id/site/hand", "ontology")
        Target(address='id/site/hand', fragment='', absolute=False)
        >>> Base("https://w3id.org/calcikg/").target("#main", "page?a=b%2Fc")
        Target(address='page?a=b/c', fragment='main', absolute=False)
        >>> Base("https://w3id.org/calcikg/").target("https://doi.org/10.1000/1")
        """
        absolute = bool(urlsplit(link).scheme)
        whole = urljoin(self.url + document, link)
        if not whole.startswith(self.url):
            return None
        path, query, fragment = urlsplit(whole.removeprefix(self.url))[2:]
        return Target(normal(path, query), fragment, absolute)


def normal(path: str, query: str) -> str:
    """Write an address so that it is always written the same.

    >>> normal("page/finding", "about=treatment%2Fcolchicine&start=100")
    'page/finding?about=treatment/colchicine&start=100'
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    return f"{path}?{urlencode(pairs, safe='/:')}" if pairs else path


def file_name(address: str, media_type: str, saved_as: str = "") -> str:
    """Return the file for a document; ``saved_as`` is the name that the service gives to what is saved.

    >>> file_name("", "text/html"), file_name("page/site/hand", "text/html")
    ('index.html', 'page/site/hand.html')
    >>> file_name("data/site/hand.ttl", "text/turtle")
    'data/site/hand.ttl'
    >>> file_name("page/finding?start=100", "text/html")
    'page/finding/~start-100.html'
    >>> file_name("evidence-map?by=site", "text/html")
    'evidence-map/~by-site.html'
    >>> file_name("page/finding?about=site/hand", "text/html")
    'page/finding/~about-site-hand-5b609dbe.html'
    >>> file_name("export/csv?center=site/hand", "text/csv", "calcikg-1234-5678.csv")
    'export/csv/calcikg-1234-5678.csv'
    >>> file_name("page/function/Counts", "text/html")  # beside counts, where capitals make no difference
    'page/function/~Counts.html'
    """
    path, _, query = address.partition("?")
    path = _CAPITAL.sub("~", path)
    if saved_as and "/" in path and not path.endswith(saved_as):
        return f"{path}/{saved_as}"
    if media_type == "text/html":
        stem, extension = path.removesuffix(".html") or "index", ".html"
    elif not query and "." in path.rpartition("/")[2]:
        return path
    else:
        stem, extension = path, f".{_EXTENSIONS[media_type]}"
    return f"{stem}{_slug(query)}{extension}"


def _slug(query: str) -> str:
    """Return the part of a file name that stands for a query; letters and digits of every file system."""
    if not query:
        return ""
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", query)
    if re.fullmatch(r"[A-Za-z0-9_]+=[A-Za-z0-9_]+", query):
        return f"/~{readable}"
    return f"/~{readable[:_LONGEST]}-{hashlib.sha256(query.encode()).hexdigest()[:8]}"


def relative(file: str, other: str) -> str:
    """Return the link from a file to another one.

    >>> relative("page/site/hand.html", "page/site.html"), relative("index.html", "page.html")
    ('../site.html', 'page.html')
    >>> relative("page/site/hand.html", "page/site/hand.html")
    'hand.html'
    """
    here, there = file.split("/")[:-1], other.split("/")
    while here and len(there) > 1 and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "/".join([*[".."] * len(here), *there])
