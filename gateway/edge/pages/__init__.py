"""The HTML pages: what this is, the documents for people, and what they are made of."""
