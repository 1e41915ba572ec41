"""Dead letters by the command line: seen, tried again, or thrown away."""
