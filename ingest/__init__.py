"""From a docked recorder to sealed segments, one stage to a module."""
