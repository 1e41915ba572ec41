"""HTTP in, message out, reply back: knows contracts, the journal and Redis, and nothing else."""

from journal.unasked import keep_out

# Before anything here imports redis-py.
keep_out()
