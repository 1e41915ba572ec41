"""What runs the platform: embedded servers, the supervisor, the command line."""
