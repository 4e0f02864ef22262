"""A work as a line to cite it by."""

from kg.read.models import Source, WorkReference


def cite(work: WorkReference) -> str:
    """Return the short citation of a work: what it is called, its year and its address.

    >>> cite(WorkReference(id="source/a", iri="urn:a", type="Source", label="A page", year=2024, pmid="1"))
    'A page. 2024. https://pubmed.ncbi.nlm.nih.gov/1/'
    """
    return _sentences(work.label, _year(work.year, work.label), _address(work))


def cite_source(source: Source) -> str:
    """Return the whole citation of a source: authors, title, journal with volume and pages, and address."""
    title = source.title or source.label
    issue = f"({source.issue})" if source.issue else ""
    place = f"{source.volume or ''}{issue}" + (f":{source.pages}" if source.pages else "")
    journal = source.container or ""
    when = str(source.year or "") + (f";{place}" if place else "")
    return _sentences(source.authors or "", title, f"{journal} {when}".strip(), _address(source))


def _year(year: int | None, label: str) -> str:
    return "" if year is None or str(year) in label else str(year)


def _address(work: WorkReference | Source) -> str:
    if work.doi:
        return f"https://doi.org/{work.doi}"
    if work.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{work.pmid}/"
    return work.url or ""


def _sentences(*parts: str) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part)
