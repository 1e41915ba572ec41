"""The envelope and its only codec, identities, problems and sealing; no I/O anywhere in here."""
