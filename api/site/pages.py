"""A page of the application as a page of the static copy: links lead to files, and a note says what it is a copy of."""

import base64
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from selectolax.lexbor import LexborHTMLParser, LexborNode

from api.site.addresses import Base, Target, relative

#: Attributes that hold an address, where they occur.
_LINKS = ("href", "src", "action", "formaction", "poster", "data", "xlink:href")
#: Loaded before all other scripts: it answers what they ask the service.
SCRIPT = "static/bundle/offline.js"
STYLE = "static/offline.css"
#: The address of the page that answers queries.
_ASKING = "sparql"
#: Where forms lead that scripts of the copy answer.
_FORMS = frozenset({"search", _ASKING})
#: How often an address may lead on to another one.
_MOVES = 3
_NOT_HERE = " (not in this copy)"


@dataclass(frozen=True)
class Copy:
    """What the pages of a static copy are made with.

    ``files`` tells the file of each address, ``moved`` where an address leads on to, ``places`` what can be linked to
    in each page. ``live`` is the address of the running service, if there is one to link to. ``notes`` are what the
    footer, the page that answers queries and that of the explorer say of the copy, as HTML.
    """

    base: Base
    files: dict[str, str]
    moved: dict[str, Target]
    places: dict[str, frozenset[str]]
    live: str | None
    notes: Mapping[str, str]

    def file(self, target: Target) -> tuple[str, str] | None:
        """Return the file and the place in it that a target leads to; None when the copy has none."""
        path, _, query = target.address.partition("?")
        if path == _ASKING and (texts := parse_qs(query).get("query")):
            return self.files[_ASKING], f"q={pack(texts[0])}"
        fragment = target.fragment
        for _ in range(_MOVES):
            target = self.moved.get(target.address, target)
            fragment = target.fragment or fragment
        file = self.files.get(target.address)
        if file is None:
            return None
        # A part of a thing has an IRI below that of the thing, and no place of its own on its page.
        known = fragment in self.places.get(file, ()) or path == _ASKING
        return file, fragment if known else ""


def pack(query: str) -> str:
    """Write a query as the workbench reads it from a link: deflated (RFC 1951), in base64url (RFC 4648, section 5).

    >>> pack("ASK {}")
    'cwz2VqiuBQA'
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.urlsafe_b64encode(packer.compress(query.encode()) + packer.flush()).decode().rstrip("=")


def read(html: bytes, base: Base, address: str) -> tuple[tuple[Target, ...], frozenset[str]]:
    """Return what a page links to within the application, and the places in it that can be linked to."""
    page = LexborHTMLParser(html)
    found = (
        base.target(node.attributes[name] or "", address)
        for node, name in _linking(page)
        if not (node.tag == "form" or _is_identity(node))
    )
    places = frozenset(str(node.attributes["id"]) for node in page.css("[id]"))
    return tuple(dict.fromkeys(target for target in found if target is not None)), places


def rewrite(html: bytes, address: str, policy: str, copy: Copy) -> bytes:
    """Return a page whose links lead to files of the copy; ``policy`` is what the service lets it load."""
    page, file = LexborHTMLParser(html), copy.files[address]
    if address == _ASKING and (about := page.css_first("main .about")):
        about.replace_with(_paragraph(copy.notes["sparql"]))
    if address.partition("?")[0] == _EXPLORER:
        make_static(page, copy.base.prefix)
        for heading in page.css("main .heading"):
            heading.insert_after(_paragraph(copy.notes["explorer"]))
    if not copy.live:  # only a service counts what more filters leave
        for part in page.css(".facets, .take"):
            part.decompose()
        for link in page.css(".glance a"):
            link.unwrap()
    for node, name in list(_linking(page)):
        target = copy.base.target(node.attributes[name] or "", address)
        if target is None or _is_identity(node):
            continue
        # A form sends what is chosen; a file takes it in when a script of the copy reads it.
        found = copy.file(target) if node.tag != "form" or target.address in _FORMS else None
        if found is not None:
            node.attrs[name] = _link(file, *found)
        elif not target.absolute:
            _leave_out(page, node, name, target, copy)
    _complete(page, file, policy, copy)
    return (page.html or "").encode() + b"\n"


def _linking(page: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for name in _LINKS:
        for node in page.css(f"[{name.replace(':', chr(92) + ':')}]"):
            yield node, name


def _is_identity(node: LexborNode) -> bool:
    """Tell whether a link says what something is, wherever a copy of it stands: how a page is called, or is cited."""
    shown = node.tag == "a" and node.text() == node.attributes.get("href")
    return shown or (node.tag == "link" and node.attributes.get("rel") == "canonical")


def _link(file: str, other: str, fragment: str) -> str:
    if other == file and fragment:
        return f"#{fragment}"
    return relative(file, other) + (f"#{fragment}" if fragment else "")


def _leave_out(page: LexborHTMLParser, node: LexborNode, name: str, target: Target, copy: Copy) -> None:
    """Lead on to the running service; without one, leave the link out and say so."""
    if node.tag == "link":
        node.decompose()
    elif target.address.startswith("data/"):
        _drop_from_list(node)
    elif copy.live:
        node.attrs[name] = copy.live + target.address + (f"#{target.fragment}" if target.fragment else "")
    elif node.tag == "form":
        note = page.create_node("p")
        note.attrs["class"] = "away"
        note.insert_child("This choice needs the live service, which this copy does not have.")
        node.replace_with(note)
    else:
        del node.attrs[name]  # a link that leads nowhere is still what stands in its place (HTML, section 4.5.1)
        node.attrs["class"] = f"{node.attributes.get('class') or ''} away".strip()
        hint = page.create_node("small")
        hint.insert_child(_NOT_HERE)
        node.insert_child(hint)


def _drop_from_list(node: LexborNode) -> None:
    """Take a link out of a row of links, with the comma after it."""
    after = node.next
    if after is not None and after.tag == "-text" and (text := after.text(deep=False)).startswith(","):
        after.replace_with(text[1:].lstrip())
    node.decompose()


def _complete(page: LexborHTMLParser, file: str, policy: str, copy: Copy) -> None:
    """Add what only a copy has: its policy, its script, and what it is a copy of."""
    head, asks = page.head, file == copy.files.get(_ASKING)
    assert head is not None
    rules = page.create_node("meta")
    rules.attrs["http-equiv"] = "Content-Security-Policy"
    rules.attrs["content"] = _policy(policy, asks, copy.live)
    first = page.css_first("meta[charset]")
    (first.insert_after if first else head.insert_child)(rules)
    footer, script = page.css_first("footer"), page.css_first("script[src]")
    if footer is None or script is None:
        return
    style = page.create_node("link")
    style.attrs["rel"] = "stylesheet"
    style.attrs["href"] = relative(file, STYLE)
    script.insert_before(style)
    own = page.create_node("script")
    own.attrs["src"] = relative(file, SCRIPT)
    own.attrs["data-base"] = copy.base.url
    own.attrs["defer"] = ""
    script.insert_before(own)
    footer.insert_child(_paragraph(copy.notes["footer"]))


def _paragraph(html: str) -> LexborNode:
    found = LexborHTMLParser(html).css_first("p")
    assert found is not None
    return found


def _policy(policy: str, asks: bool, live: str | None) -> str:
    """Return the policy of a page as it can stand in the page; the workbench runs an engine in a worker.

    >>> _policy("default-src 'self'; frame-ancestors 'none'", False, None)
    "default-src 'self'"
    >>> _policy("default-src 'self'", True, None)
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:"
    """
    rules = [rule.strip() for rule in policy.split(";") if not rule.strip().startswith("frame-ancestors")]
    if live:
        rules = [f"{rule} {live}" if rule.startswith("form-action") else rule for rule in rules]
    if asks:
        rules += ["script-src 'self' 'wasm-unsafe-eval'", "worker-src blob:"]
    return "; ".join(rules)


_EXPLORER = "explorer"
#: Parts of the explorer that need the service.
_INTERACTIVE = (
    'script[src*="bundle/explorer"]',
    'link[rel="preload"]',
    "#filters",
    "#tools",
    "details.save",
    "#panel",
    "#status",
    "#chips a",
    "#summary a",
)


def make_static(page: LexborHTMLParser, prefix: str) -> None:
    """Reduce the explorer to what needs no service; entities in its table lead to their pages, below the prefix."""
    for selector in _INTERACTIVE:
        for node in page.css(selector):
            node.decompose()
    for row in page.css("table.present tr"):
        row.css("th, td")[-1].decompose()  # what expands and hides
    for node in page.css("noscript"):
        node.unwrap()  # the picture that is made for those without scripts
    for node in page.css("a[data-entity]"):
        node.attrs["href"] = f"{prefix}page/{node.attributes['data-entity']}"
    for node in page.css("a[data-relation]"):
        node.unwrap()
