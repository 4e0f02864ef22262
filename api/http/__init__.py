"""What every route shares: negotiation, responses, problems, limits and metrics."""
