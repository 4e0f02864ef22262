"""The page of the explorer without what takes a service: the picture as first placed, and its tables."""

from selectolax.lexbor import LexborHTMLParser

#: Where the page stands.
ADDRESS = "explorer"
#: What walks on from the picture, and the script that asks for what comes next.
_WALKING = (
    'script[src*="bundle/explorer"]',
    'link[rel="preload"]',
    "#filters",
    "#tools",
    "details.save",
    "#panel",
    "#status",
    "#chips a",
)


def stand_still(page: LexborHTMLParser, prefix: str) -> None:
    """Leave of the page what holds by itself; things in the table lead to their pages, below the prefix."""
    for selector in _WALKING:
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
