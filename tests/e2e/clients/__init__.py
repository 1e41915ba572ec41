"""The example clients of docs/clients, run as their readers run them."""
