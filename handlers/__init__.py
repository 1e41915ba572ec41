"""What carries messages: thin functions per message, and the work around them."""

from journal.unasked import keep_out

# Before anything here imports redis-py.
keep_out()
