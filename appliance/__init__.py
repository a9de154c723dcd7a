"""The box: configuration, wiring, processes, command line. Imports all; nobody imports it."""
