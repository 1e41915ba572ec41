"""Routes of the user context, sign-in among them."""
