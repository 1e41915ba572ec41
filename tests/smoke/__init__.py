"""What `.ci/run` does to an installation that `make run` started."""
