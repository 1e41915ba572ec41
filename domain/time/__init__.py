"""Civil time and intervals: the neutral package that every context of the domain builds on."""
