"""What a browser session holds: the shelf, own pictures, names in brackets, links."""
