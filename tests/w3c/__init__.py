"""The W3C SPARQL test suites, asked of the service over HTTP."""
