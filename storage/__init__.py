"""What is remembered: tables, repositories and migrations, a database per context."""
