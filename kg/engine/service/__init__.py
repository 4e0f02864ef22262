"""SERVICE clauses: finding them in a query, asking the allowed endpoints, and joining their solutions."""
