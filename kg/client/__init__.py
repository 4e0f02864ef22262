"""A client for the REST API and the SPARQL endpoint of a calcikg service: typed records, and tables as data frames.

    >>> from kg.client import Client
    >>> client = Client("http://127.0.0.1:8080")
    >>> client.findings(about="treatment/topical-sodium-thiosulfate")  # doctest: +SKIP

It needs pandas and requests: ``pip install calcikg[client]``.
"""

from kg.client.client import Client
from kg.client.connection import ServiceProblem

__all__ = ["Client", "ServiceProblem"]
