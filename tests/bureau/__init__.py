"""Random histories and a year of a bureau, against a small model of what must hold (issue 6)."""
