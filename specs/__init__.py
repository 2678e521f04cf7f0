"""The OpenAPI documents, one per provider; data and nothing else."""
