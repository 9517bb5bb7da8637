"""The pages Home and Disk."""
