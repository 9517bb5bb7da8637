"""What is here, what it takes, and what could be added."""
