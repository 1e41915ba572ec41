"""What every route shares: sign-in, guard, problems, the stream client; knows no context."""
