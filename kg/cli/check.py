"""``kg check``."""

from kg.cli.options import Seeds, inputs, progress


def check(seeds: Seeds = None) -> None:
    """Validate records, ontology, mappings and what was verified; show every error with file, place and repair."""
    from kg.build.check import find_violations
    from kg.build.snapshot import derive
    from kg.errors import RecordsError

    given = inputs(seeds)
    with progress("checking"):
        dataset, inferred = derive(given)
        violations = [*find_violations(dataset, inferred, given), *dataset.outdated]
    if violations:
        raise RecordsError(violations)
    print(f"{len(dataset.places)} records, {len(dataset.quads)} quads: nothing wrong")
