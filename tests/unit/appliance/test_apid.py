"""How the pages are served: in clear to this machine alone."""

import pytest

from appliance.apid import Listening, configured
from evidence.errors import UsageError


async def nothing(scope, receive, send):
    del scope, receive, send


@pytest.mark.parametrize("address", ["192.0.2.7", "::", "localhost.example", "127.0.0.1.example"])
def test_without_tls_no_network_is_served(address):
    with pytest.raises(UsageError) as refused:
        configured(nothing, Listening(address, 8080))
    assert refused.value.word == "http_plain"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_itself_is_served_without_tls(address):
    assert configured(nothing, Listening(address, 8080)).ssl is None
