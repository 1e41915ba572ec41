"""What proves the promises: unit, contract, integration, end to end, faults, and the rules."""
