"""One call of ``dockseal``: what was asked, how to speak, and the house behind it."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.output import Terminal
from appliance.services import Services
from appliance.settings import Settings
from appliance.words import Words

Wire = Callable[[Settings], Services]


class Terminated(BaseException):
    """SIGTERM came.  Not an ``Exception``: only who ends a command in order may catch it."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a command works with."""

    arguments: Namespace
    words: Words
    terminal: Terminal
    environment: Mapping[str, str]
    read_settings: Callable[[], Settings]  # raises ConfigurationError: not every command needs it
    read_services: Callable[[], Services]  # the same house each time
    wire: Wire  # another house, for who needs none of this configuration

    @property
    def settings(self) -> Settings:
        """Return the configuration that holds; raises ``ConfigurationError``."""
        return self.read_settings()

    @property
    def services(self) -> Services:
        """Return the house of this home."""
        return self.read_services()
