"""Where bytes, ledger, statements and keys are kept. Implements the ports of ``evidence``."""
