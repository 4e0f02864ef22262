"""``kg check``."""

from kg.cli.options import Seeds, inputs, progress


def check(seeds: Seeds = None) -> None:
    """Validate records, ontology and mappings; show every error with file, place and repair."""
    from kg.build import derive
    from kg.check import check as check_dataset

    given = inputs(seeds)
    with progress("checking"):
        dataset, inferred = derive(given)
        check_dataset(dataset, inferred, given)
    print(f"{len(dataset.places)} records, {len(dataset.quads)} quads: nothing wrong")
