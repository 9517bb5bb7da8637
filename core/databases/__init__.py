"""Vector databases: what is in them, their rows as pages, search, and sending rows to them."""
