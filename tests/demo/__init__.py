"""The demo: the main job on two simulated recorders, with the real program.  ``make demo``."""
