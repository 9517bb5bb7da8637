"""Galleries of pictures, and what is asked of them."""
