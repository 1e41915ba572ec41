"""How long an access token is good; what becomes of its bearer has to be known for as long."""

ACCESS_TOKEN_SECONDS = 600
# How far the clock of the host that signed may be ahead of the one that reads.
CLOCK_SKEW_SECONDS = 5
