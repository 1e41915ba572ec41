"""What keeps the platform from starting, said in one sentence.

StartupError
├── Taken          somebody else holds what this run needs (a port, the data folder)
├── Unreachable    a server did not answer in time
├── Refused        a server answers and says no (wrong password, missing right)
└── Damaged        what is on the disk cannot be used as it is
"""


class StartupError(Exception):
    """The command line prints the sentence and exits with 1; there is no traceback to read."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Taken(StartupError):
    """Somebody else holds what this run needs."""


class Unreachable(StartupError):
    """A server did not answer within the start-up time."""


class Refused(StartupError):
    """A server answers and says no; trying again would not help."""


class Damaged(StartupError):
    """What is on the disk cannot be used as it is."""
