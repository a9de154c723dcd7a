"""Which version of Dockseal this is: what ``--version`` prints and entry 0 of a ledger names."""

VERSION = "0.1.0"  # that of pyproject.toml; a test holds the two together
SOFTWARE = f"dockseal {VERSION}"
