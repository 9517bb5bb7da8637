"""Ways to make maps, one method a module; ``core/maps.py`` joins them."""
