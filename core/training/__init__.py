"""The commands that made what lies in assets/models; needed only to make it again."""
