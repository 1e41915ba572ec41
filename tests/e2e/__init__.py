"""Black-box tests: an installation as `make run` starts it, and clients that know the HTTP API."""
