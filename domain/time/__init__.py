"""Civil time and intervals: a neutral package that every context of the domain builds on."""
