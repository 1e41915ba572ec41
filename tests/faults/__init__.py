"""Faults: processes are killed and dependencies go away under load, and a ledger is kept."""
