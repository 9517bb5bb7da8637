"""What is asked of words."""
