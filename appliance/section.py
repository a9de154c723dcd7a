"""What every section of the configuration is: frozen, strict, without unknown keys."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One table of the file; its default values are checked too."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)
