"""How the version was built, in PROV: from which files, by which tools. No time: two builds give the same bytes."""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from urllib.parse import quote

import pyoxigraph as ox

from kg import __version__
from kg.build.describe.statements import FILE, digest, node, part, statement

#: The libraries whose work is in the data, by the names of their packages.
_LIBRARIES = ("pyoxigraph", "pyshacl", "reasonable", "scipy")


def describe_build(inputs: Mapping[str, str]) -> Iterator[ox.Quad]:
    """Yield what the build used, with digests, and the tools that did it, with versions.

    Tools are named by package URLs (ECMA-427).
    """
    activity = part("build")
    for path, sha256 in sorted(inputs.items()):
        entity = part(f"input/{quote(path)}")
        yield statement(activity, "prov:used", entity)
        yield statement(entity, "rdf:type", node("prov:Entity"))
        yield statement(entity, "rdfs:label", ox.Literal(path))
        yield from digest(entity, sha256)
    own = f"pkg:generic/calcikg@{__version__}"
    tools = {
        own: ("calcikg", __version__),
        f"pkg:generic/python@{platform.python_version()}": ("Python", platform.python_version()),
        **{f"pkg:pypi/{name}@{version(name)}": (name, version(name)) for name in _LIBRARIES},
    }
    for iri, (name, number) in tools.items():
        tool = ox.NamedNode(iri)
        yield statement(activity, "prov:wasAssociatedWith", tool)
        yield statement(tool, "rdf:type", node("prov:SoftwareAgent"))
        yield statement(tool, "rdfs:label", ox.Literal(name))
        yield statement(tool, "schema:softwareVersion", ox.Literal(number))
    yield statement(FILE, "pav:createdWith", ox.NamedNode(own))
