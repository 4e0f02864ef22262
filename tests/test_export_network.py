"""Networks: the same nodes and edges in every format, drawn legibly, whatever the labels contain."""

import csv
import io
import itertools
import json
import re
import shutil
import subprocess

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from extracts import extract_of, relabelled, written
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from ndex2.cx2 import CX2Network

from kg.engine import Engine
from kg.export import EXPORTS, Extract, style
from kg.export.layout import _GAP, _box, place
from kg.export.network import EDGE_ATTRIBUTES, NODE_ATTRIBUTES, attributes
from kg.export.network_formats import _mermaid_text
from kg.export.text import to_attribute, to_element
from kg.prefixes import ID
from kg.snapshot import Snapshot

NETWORKS = [name for name, row in EXPORTS.items() if row.family == "network" and name not in ("kgx", "neo4j")]
#: Labels that break formats: quotes, mark-up, entities, line ends, control characters, other scripts, their own syntax.
HOSTILE = (
    'say "pain" & <b>bold</b>', "back\\slash\\", "&amp; &lt;script&gt;", "two\nlines\r\n\tand a tab", "bell \a",
    "#quot; #35; %% end ]]] ))) }}}", "日本語 🦴 עברית", "*_`~ markdown `_*", "\\N \\G \\l", "'apostrophe'", "=1+1",
)  # fmt: skip


@pytest.fixture(scope="module")
def extract(snapshot: Snapshot, engine: Engine) -> Extract:
    return extract_of(snapshot, engine)


@pytest.fixture(scope="module")
def hostile(snapshot: Snapshot, extract: Extract) -> tuple[Extract, dict[str, str]]:
    """Outcome and treatment findings whose entities all have hostile labels."""
    labels = dict(zip(extract.entities, itertools.cycle(HOSTILE), strict=False))
    filters = [("kind", kind) for kind in ("outcome", "treatment")]
    chosen = extract_of(snapshot, relabelled(snapshot, labels), *filters)
    assert len(chosen.entities) > 3 * len(HOSTILE)
    return chosen, {iri.removeprefix(ID): labels[iri] for iri in chosen.entities}


def test_nodes_and_edges_have_all_attributes(extract: Extract) -> None:
    network = extract.network
    (node,) = [node for node in network.nodes if node.id == "treatment/colchicine"]
    assert (node.label, node.type, node.group) == ("colchicine", "DrugTreatment", "treatment")
    edges = {edge.id: edge for edge in network.edges}
    assert len(edges) == len(network.edges)
    edge = edges["treatment/colchicine#hasOutcome/outcome/inflammation:hedged:decreased"]
    assert (edge.label, edge.direction, edge.negated, edge.weight) == (
        "has outcome (hedged, decreased)", "decreased", False, 1,
    )  # fmt: skip
    assert (edge.rank, edge.level) == (5, "OCEBM level 5")
    assert edge.findings == ("finding/patient-page-2024-073",)
    assert edge.sources == ("source/patient-page-2024",)
    axiom = edges["site/finger#partOf/site/hand:axiom"]
    assert (axiom.axiom, axiom.weight, axiom.rank, axiom.findings) == (True, 0, None, ())


def test_the_standing_of_an_edge_is_that_of_its_findings(extract: Extract, engine: Engine) -> None:
    supporting = {
        row["finding"]
        for row in engine.select(
            "PREFIX ckg: <https://w3id.org/calcikg/ontology/> SELECT ?finding { ?edge ckg:supportedBy ?finding }"
        )
    }
    for edge in extract.network.edges:
        behind = {ID + finding in supporting for finding in edge.findings}
        without = ("noEffect", "notProven", "withoutResult", "denied")
        assert behind == (set() if edge.axiom else {edge.standing not in without}), edge.id
        assert ("denied" in edge.label) == edge.negated
        assert not (edge.standing == "stated" and edge.direction in ("unchanged", "noDifference", "unproven"))


def test_formats_have_the_same_nodes_and_edges(extract: Extract) -> None:
    nodes = {node.id: attributes(node) for node in extract.network.nodes}
    edges = {edge.id: attributes(edge) for edge in extract.network.edges}
    whole = json.loads(written("json", extract))
    assert [set(member) for member in (NODE_ATTRIBUTES, EDGE_ATTRIBUTES)] == [
        set(whole["nodes"][0]),
        {*next(edge for edge in whole["edges"] if not edge["axiom"])} - {"key"},
    ]
    assert {node["id"]: node for node in whole["nodes"]} == nodes
    assert {edge.pop("key"): edge for edge in whole["edges"]} == edges
    elements = json.loads(written("cyjs", extract))["elements"]
    assert {node["data"]["id"]: node["data"] for node in elements["nodes"]} == nodes
    assert {edge["data"]["id"]: edge["data"] for edge in elements["edges"]} == edges
    network = CX2Network()
    network.create_from_raw_cx2(json.loads(written("cx2", extract)))
    assert {node["v"]["id"]: node["v"]["name"] for node in network.get_nodes().values()} == {
        id_: node["label"] for id_, node in nodes.items()
    }
    graph = nx.read_gexf(io.BytesIO(written("gexf", extract)))
    assert {id_: data["label"] for id_, data in graph.nodes(data=True)} == {
        id_: node["label"] for id_, node in nodes.items()
    }
    assert {data["id"]: data["findings"] for *_, data in graph.edges(data=True)} == {
        id_: "; ".join(edge["findings"]) for id_, edge in edges.items()
    }


def test_cytoscape_js_has_what_it_needs(extract: Extract) -> None:
    """The shape of Cytoscape.js: its elements with ids, each edge between two of them, a style of selectors."""
    whole = json.loads(written("cyjs", extract))
    ids = [node["data"]["id"] for node in whole["elements"]["nodes"]]
    assert len(ids) == len(set(ids))
    for node in whole["elements"]["nodes"]:
        assert {type(node["position"][axis]) for axis in "xy"} == {float}
    for edge in whole["elements"]["edges"]:
        assert edge["data"]["source"] in ids
        assert edge["data"]["target"] in ids
    used = set(re.findall(r"data\((\w+)\)", json.dumps(whole["style"])))
    assert used <= NODE_ATTRIBUTES.keys() | EDGE_ATTRIBUTES.keys()
    lines = {rule["selector"]: rule["style"]["line-style"] for rule in whole["style"] if "line-style" in rule["style"]}
    assert lines == {
        "edge": "dotted",
        'edge[standing = "stated"]': "solid",
        'edge[standing = "axiom"]': "solid",
        'edge[standing = "denied"]': "dashed",
    }


def test_cx2_follows_its_specification(extract: Extract) -> None:
    aspects = json.loads(written("cx2", extract))
    assert aspects[0] == {"CXVersion": "2.0", "hasFragments": False}
    names = [next(iter(aspect)) for aspect in aspects[1:]]
    assert names == [
        "metaData", "attributeDeclarations", "networkAttributes", "nodes", "edges", "visualProperties", "status",
    ]  # fmt: skip
    parts = {name: aspect[name] for name, aspect in zip(names, aspects[1:], strict=True)}
    assert {row["name"]: row["elementCount"] for row in parts["metaData"]} == {
        name: len(parts[name]) for name in names[1:-1]
    }
    types = {"string": str, "integer": int, "double": float, "boolean": bool, "list_of_string": list}
    for domain in ("nodes", "edges"):
        declared = parts["attributeDeclarations"][0][domain]
        for element in parts[domain]:
            for name, value in element["v"].items():
                assert type(value) is types[declared[name]["d"]], (name, value)
    style = parts["visualProperties"][0]
    for domain, mapping in (("nodes", style["nodeMapping"]), ("edges", style["edgeMapping"])):
        assert {one["definition"]["attribute"] for one in mapping.values()} <= parts["attributeDeclarations"][0][
            domain
        ].keys()


def test_graphml_ids_are_name_tokens(extract: Extract) -> None:
    """The schema requires tokens, and JGraphT validates against it."""
    root = etree.fromstring(written("graphml", extract))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    ids = [element.get("id") for element in (*root.iter(f"{space}node"), *root.iter(f"{space}edge"))]
    assert len(ids) == len(set(ids)) == len(extract.network.nodes) + len(extract.network.edges)
    assert all(re.fullmatch(r"[A-Za-z0-9._:-]+", id_) for id_ in ids)
    keys = {key.get("id") for key in root.iter(f"{space}key")}
    assert {data.get("key") for data in root.iter(f"{space}data")} <= keys


def test_hostile_labels_are_read_back(hostile: tuple[Extract, dict[str, str]]) -> None:
    extract, labels = hostile
    without_control = {id_: label.replace("\a", "\ufffd") for id_, label in labels.items()}
    on_a_line = {id_: " ".join(label.split()) for id_, label in without_control.items()}
    assert {node["id"]: node["label"] for node in json.loads(written("json", extract))["nodes"]} == labels
    nodes = json.loads(written("cyjs", extract))["elements"]["nodes"]
    assert {node["data"]["id"]: node["data"]["label"] for node in nodes} == labels
    graphml = nx.read_graphml(io.BytesIO(written("graphml", extract)))
    # Ends of lines are line feeds to a reader of XML.
    assert {data["name"]: data["label"] for _, data in graphml.nodes(data=True)} == {
        id_: label.replace("\r\n", "\n") for id_, label in without_control.items()
    }
    gexf = nx.read_gexf(io.BytesIO(written("gexf", extract)))
    assert {id_: data["label"] for id_, data in gexf.nodes(data=True)} == on_a_line


def test_hostile_labels_in_graphviz(hostile: tuple[Extract, dict[str, str]]) -> None:
    if not shutil.which("dot"):
        pytest.skip("Graphviz is not installed: DOT is not read by the program that it is for")
    extract, labels = hostile
    data = written("dot", extract)
    done = subprocess.run(["dot", "-Tdot_json", "-Knop"], input=data, capture_output=True, check=True)
    assert {one["name"] for one in json.loads(done.stdout, strict=False)["objects"]} == labels.keys()
    drawn = subprocess.run(["dot", "-Tsvg"], input=data, capture_output=True, check=True, timeout=60)
    svg = etree.fromstring(drawn.stdout)
    shown = "".join(svg.itertext())
    for piece in ('say "pain"', "<b>bold</b>", "back\\slash\\", "&lt;script&gt;", "\\N \\G", "日本語"):
        assert piece in shown, piece


@pytest.mark.parametrize("name", NETWORKS)
def test_hostile_labels_break_no_format(name: str, hostile: tuple[Extract, dict[str, str]]) -> None:
    extract, labels = hostile
    plain = written(name, extract).decode()
    assert len(extract.network.nodes) == len(labels)
    if name == "mermaid":
        for line in plain.splitlines():
            assert line.count('"') in (0, 2), line
            assert re.match(r"%%|flowchart LR$|  (%%|classDef|linkStyle|n\d+)", line), line


def test_hostile_labels_in_tables(hostile: tuple[Extract, dict[str, str]]) -> None:
    extract, _ = hostile
    found = [finding["subject"]["label"] for finding in extract.read_findings()]
    assert "=1+1" in found
    frames = {
        name: read(io.BytesIO(written(name, extract)), dtype={"subject.label": str})
        for name, read in (("csv", pd.read_csv), ("xlsx", pd.read_excel))
    }
    assert list(pd.read_parquet(io.BytesIO(written("parquet", extract)))["subject.label"]) == found
    assert list(frames["csv"]["subject.label"]) == [
        f"'{one}" if one.startswith("=") else one.replace("\r\n", "\n") for one in found
    ]
    escaped = re.compile("_x([0-9A-F]{4})_")  # ECMA-376, ST_Xstring; the reader leaves it to us
    read = [escaped.sub(lambda one: chr(int(one[1], 16)), label) for label in frames["xlsx"]["subject.label"]]
    assert read == found
    rows = list(csv.reader(io.StringIO(written("csv", extract).decode(), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


@given(st.text())
def test_any_text_in_xml(text: str) -> None:
    element = etree.fromstring(f"<e a={to_attribute(text)}>{to_element(text)}</e>".encode(errors="surrogatepass"))
    kept = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert element.get("a") == kept
    assert (element.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_any_text_in_mermaid(text: str) -> None:
    written_ = _mermaid_text(text)
    assert not set('"<>`&\\*_\n') & set(written_)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), written_) == " ".join(text.split())


def test_labels_do_not_overlap(extract: Extract) -> None:
    nodes = extract.network.nodes
    boxes = np.array([_box(node.label, node.size) for node in nodes]) - _GAP
    middles = np.array([(node.x, node.y - node.size / 2) for node in nodes]) + np.array([[0.0, 0.5]]) * boxes
    for index in range(len(nodes)):
        apart = np.abs(middles[index + 1 :] - middles[index])
        assert not (apart < (boxes[index + 1 :] + boxes[index]) / 2).all(axis=1).any(), nodes[index].label


def test_neighbours_are_close(extract: Extract) -> None:
    places = {node.id: np.array([node.x, node.y]) for node in extract.network.nodes}
    joined = [float(np.linalg.norm(places[edge.source] - places[edge.target])) for edge in extract.network.edges]
    size = np.ptp(np.array(list(places.values())), axis=0)
    assert np.mean(joined) < 0.3 * float(np.linalg.norm(size))


def test_positions_are_reproducible_for_many_nodes() -> None:
    ids = [f"site/{number}" for number in range(3000)]
    edges = [(ids[number], ids[number * number // 7 % number]) for number in range(1, 2900)]
    places = place(ids, ids, [20.0] * len(ids), edges)
    assert places == place(ids, ids, [20.0] * len(ids), edges)
    assert len(set(places)) == len(ids)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_nodes_have_positions(count: int) -> None:
    ids = [f"site/{number}" for number in range(count)]
    assert len(set(place(ids, ids, [20.0] * count, [(one, one) for one in ids]))) == count


def linear(color: str) -> "np.ndarray":
    parts = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, contrast ratio)."""
    low, high = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: "np.ndarray") -> "np.ndarray":
    """Return a linear colour in CIELAB (D65)."""
    matrix = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]
    x, y, z = (
        np.cbrt(part) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in np.array(matrix) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.0888]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


#: How colours are seen with no cone of one kind (Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113).
SEEN = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}  # fmt: skip


@pytest.mark.parametrize("seen", SEEN)
def test_groups_differ_in_shape_or_in_a_colour_that_everyone_can_distinguish(seen: str, extract: Extract) -> None:
    groups = sorted({node.group for node in extract.network.nodes})
    for one, other in itertools.combinations(groups, 2):
        if style.node_shape(one) == style.node_shape(other):
            colors = [lab(SEEN[seen] @ linear(style.node_color(group))) for group in (one, other)]
            assert np.linalg.norm(colors[0] - colors[1]) > 20, (one, other)


def test_colours_contrast_with_light_and_dark(extract: Extract) -> None:
    used = {node.color for node in extract.network.nodes} | {edge.color for edge in extract.network.edges}
    for color in used:
        assert min(contrast(color, ground) for ground in (style.PAPER, "#12181c")) >= 3, color
    assert contrast(style.INK, style.PAPER) >= 4.5


def test_every_group_has_a_style_of_its_own(extract: Extract) -> None:
    groups = {node.group for node in extract.network.nodes}
    assert len({(style.node_color(group), style.node_shape(group)) for group in groups}) == len(groups)
    assert (style.node_color("new"), style.node_shape("new")) not in {
        (style.node_color(group), style.node_shape(group)) for group in groups
    }
