"""The finding that the page shows whole, and what stands around it."""

from kg.build.ontology_page.model import Model, term
from kg.build.ontology_page.usage import Usage


def example(model: Model, usage: Usage) -> dict[str, str]:
    """Return what stands in each box of the picture for the finding that is shown, by role."""
    finding = usage.finding
    if finding is None:
        return {}
    found = {name: usage.values(finding, name) for name in ("subject", "object", "population", "source", "locator")}
    found |= {"design": usage.values(finding, "studyDesign"), "level": usage.values(finding, "evidenceLevel")}
    found["side"] = [side for side in usage.users(finding, "involves") if usage.users(side, "side")]
    found["edge"] = [
        value for edge in usage.users(finding, "supportedBy") for value in usage.values(edge, "edgePredicate")
    ]
    found["contrast"] = [contrast for side in found["side"] for contrast in usage.users(side, "side")]
    syntheses = usage.users(finding, "input")
    found["synthesis"] = [kind for one in syntheses for kind in usage.types(one) if kind != term("Synthesis")]
    found["disease"] = [value for group in found["population"] for value in usage.values(group, "ofDisease")]
    found["study"] = [study for source in found["source"] for study in usage.values(source, "cites")]
    found["rule"] = [
        rule
        for design in found["design"]
        for rule in model.subjects("ckg:forDesign", design)
        if model.objects(rule, "ckg:givesLevel") == found["level"]
    ]
    found["method"] = [value for one in syntheses for value in usage.values(one, "method")]
    found["locator"] = [value for one in found["locator"] for value in usage.values(one, "section")]
    return {role: usage.label(values[0]) for role, values in found.items() if values}
