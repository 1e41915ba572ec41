"""What a process says of its own work: lines of a log, and spans of traces."""
