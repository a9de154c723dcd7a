"""The real clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements ``evidence.ports.Clock`` over the system's clocks."""

    def now(self) -> datetime:
        """See ``evidence.ports.Clock``."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See ``evidence.ports.Clock``."""
        return time.monotonic()
