"""Lets a busy thread leave room for a server's event loop in the same process."""

import time


class Pace:
    """Call it between small pieces of work: after ``work_s`` it sleeps ``rest_s``, so that nobody waits long.

    Threads of one interpreter take turns; one that computes without a pause holds each socket write of the event
    loop up by its whole turn (5 ms).
    """

    def __init__(self, work_s: float = 0.001, rest_s: float = 0.0015) -> None:
        self._work_s = work_s
        self._rest_s = rest_s
        self._since = time.perf_counter()

    def __call__(self) -> None:
        """Rest if it is time."""
        if time.perf_counter() - self._since >= self._work_s:
            time.sleep(self._rest_s)
            self._since = time.perf_counter()


def hurry() -> None:
    """Rest never: for the command line, where nobody else is served."""
