"""The pages in a real browser, served by a whole installation."""
