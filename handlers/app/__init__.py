"""Which process carries what. Read it aloud."""
