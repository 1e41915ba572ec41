"""What carries messages: thin functions per message, and the work around them."""
