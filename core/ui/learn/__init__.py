"""The page Learn: one lesson a module, and what shows the steps of all of them."""
