"""What the pages are made of: one tool of a page a module. Called by pages, never by core."""
