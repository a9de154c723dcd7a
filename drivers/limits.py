"""How much of a recorder's claims we are ready to hold in memory, each with its unit."""

from dataclasses import asdict, dataclass

from evidence.json import JsonObject


@dataclass(frozen=True, slots=True)
class ListingLimits:
    """Limits of one listing.  Beyond one of them the listing goes on without, and says so.

    The names are those of the configuration, ``[limits]``.
    """

    max_entries: int = 40_000  # files, directories and deleted entries together
    max_depth: int = 64  # directories below the root
    max_extents_per_file: int = 32_768  # runs of clusters of one file
    max_extents: int = 100_000  # runs of all files together
    max_name_bytes: int = 4096  # of a whole raw path
    max_directory_bytes: int = 32 << 20  # of one directory (FAT itself allows 2 MiB)
    max_directories_bytes: int = 256 << 20  # of all directories together
    max_partitions: int = 64  # looked at, on a partitioned disk
    max_given_percent: int = 110  # of what the medium holds, by all files together

    def request(self) -> JsonObject:
        """Return the form in which a parser child gets them."""
        return asdict(self)

    @classmethod
    def of(cls, request: JsonObject) -> "ListingLimits":
        """Return the limits of a request; what is no positive integer is ours."""
        ours = asdict(cls())
        asked = {name: request.get(name) for name in ours}
        taken = {n: v for n, v in asked.items() if isinstance(v, int) and v > 0}
        return cls(**{**ours, **taken})
