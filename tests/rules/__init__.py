"""What imports and types cannot hold: each rule is a module, `python -m tests.rules` runs them.

A rule has `NAME` and `check(source)`. Its docstring says why it is there and the one way out of it.
"""
