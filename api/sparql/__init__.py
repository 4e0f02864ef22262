"""SPARQL over HTTP: the query protocol and the read half of the Graph Store Protocol."""
