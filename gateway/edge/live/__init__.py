"""Events as they happen: read once in a process, dealt out to the connections that follow."""
