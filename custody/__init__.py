"""What may happen to a segment once we hold it: history, audit; later ask, decide, destroy."""
