"""Which failed commands are worth running again, and after how long.

Three answers of Azure ask for patience, each in its own way: too many requests (the command was not
carried out, so a change may be repeated too), another operation on the same resource (a release
that was stopped leaves its last one running), and an answer that was lost on the way (repeated only
where doing it twice does no harm: it may have been done). Azure ML says "Cannot create a deployment
in endpoint ... because it is in Updating provisioning state".
"""

from __future__ import annotations

import re

from .settings import seconds

THROTTLED = re.compile(r"TooManyRequests|too many requests|throttl|\b429\b", re.IGNORECASE)
BUSY = re.compile(
    r"\(Conflict\)|in (?:Creating|Updating|Deleting|Scaling) provisioning state|"
    r"AnotherOperationInProgress|operation[^.\n]{0,80}in progress",
    re.IGNORECASE,
)
EXISTS = re.compile(r"already exists|exists already", re.IGNORECASE)
"""A conflict that no waiting resolves."""
LOST = re.compile(
    r"ServiceUnavailable|GatewayTimeout|Bad ?Gateway|ServerBusy|\b50[234]\b|Max retries exceeded|"
    r"Connection (?:aborted|reset|refused)|timed out|Temporary failure in name resolution",
    re.IGNORECASE,
)

TRIES = 5
BUSY_TRIES = 12
"""With waits of 5, 10, 20, 40 and then 60 seconds: about nine minutes, less than a lease lasts."""
LONGEST_SECONDS = 60.0


def wait_before(attempt: int, answer: str, once: bool) -> float | None:
    """Say how long to wait before a failed command is run again.

    Args:
        attempt: How often it was run again already.
        answer: What it said on standard error.
        once: Whether it must not be done twice.

    Returns:
        Seconds; None where running it again is of no use.
    """
    if attempt >= _tries(answer, once):
        return None
    return min(seconds("AZURE_RETRY_SECONDS", 5) * 2.0**attempt, LONGEST_SECONDS)


def _tries(answer: str, once: bool) -> int:
    if EXISTS.search(answer):
        return 0
    if BUSY.search(answer):
        return BUSY_TRIES
    if THROTTLED.search(answer) or (not once and LOST.search(answer)):
        return TRIES
    return 0
