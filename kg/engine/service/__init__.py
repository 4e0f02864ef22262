"""SERVICE clauses; imported only by a query that has one."""
