"""From records and ontology to an immutable snapshot."""
