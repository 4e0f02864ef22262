"""Linked data and files: descriptions of resources, the ontology, exports, downloads and releases."""
