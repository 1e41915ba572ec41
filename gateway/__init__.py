"""HTTP in, message out, reply back: knows contracts and Redis, and nothing else."""
