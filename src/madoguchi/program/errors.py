"""What can go wrong while the program starts, stops or is examined."""


class ProgramError(Exception):
    """One plain sentence of what is wrong and one of how to mend it; shown as it is, without a traceback."""
