"""A client: the touch page, ticket printer and evaluators of one machine."""
