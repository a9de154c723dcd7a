"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


class FixedClock:
    def __init__(self, now=NOON):
        self._now = now
        self._monotonic = 0.0

    def now(self):
        return self._now

    def monotonic(self):
        return self._monotonic

    def forward(self, **delta):
        step = timedelta(**delta)
        self._now += step
        self._monotonic += step.total_seconds()
