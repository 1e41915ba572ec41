"""A whole installation into a folder while it runs, and out of it again."""
