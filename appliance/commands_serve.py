"""``serve``: pages and API for browsers, until stopped."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from appliance.ca import files_of
from appliance.call import Call
from appliance.commands_look import zone_of
from appliance.items import items_file, load_items
from appliance.output import Answer
from appliance.parent import end_with_parent
from appliance.settings import Settings
from appliance.words import LANGUAGES, load_words
from custody.closing import recover
from custody.hosts import is_local
from custody.register import founded
from evidence.errors import ConflictError, UsageError

_RUN = "import sys; from appliance.cli import main; sys.exit(main())"


def serve(call: Call) -> Answer:
    """Serve browsers; what an earlier process was killed in is closed first."""
    from api.site import Site  # noqa: PLC0415 - slow to load, and used by this command alone
    from appliance import apid  # noqa: PLC0415 - see above
    from vault.remembering import RememberingLedger  # noqa: PLC0415 - see above

    desk, http = call.services.desk, call.settings.config.http
    if not founded(desk.ledger):
        raise ConflictError("nobody_set_up")
    if desk.hosts.login is None:
        raise UsageError("http_no_host")
    where = apid.Listening(http.address, http.port)
    if not is_local(desk.hosts.login):
        files = files_of(call.settings.home.tls)
        _check(call)
        where = apid.Listening(http.address, http.port, files.certificate, files.key)
    desk = replace(desk, ledger=RememberingLedger(desk.ledger))
    recover(desk)
    words = {language: load_words(language) for language in LANGUAGES}
    items = load_items(items_file(call.settings))
    accounts, catalogue = call.services.accounts, call.services.catalogue
    late = timedelta(hours=call.settings.config.weeks.late_after_h)
    site = Site(desk, accounts, words, zone_of(call), items, catalogue, http.hsts, late)
    call.terminal.notice(call.words("serve.listening", host=desk.hosts.login))
    end_with_parent()
    apid.serve(site, where)
    return Answer({"host": desk.hosts.login}, [call.words("serve.stopped")])


def _check(call: Call) -> None:
    """Refuse what browsers would refuse, in a sentence."""
    from appliance.tls import check_kept  # noqa: PLC0415 - see above

    hosts = call.services.desk.hosts
    names = [host for host in (hosts.login, hosts.sign) if host]
    check_kept(call.settings.home.tls, names, call.services.desk.clock.now())


def serve_command(settings: Settings) -> Sequence[str]:
    """Return the command line by which ``up`` has browsers served."""
    return our_command(settings, "serve")


def our_command(settings: Settings, command: str) -> Sequence[str]:
    """Return the command line of a command of ours that runs as a part of ``up``."""
    config = ["--config", str(settings.file)] if settings.file else []
    home = ["--home", str(settings.home.path)]
    return [sys.executable, "-c", _RUN, *home, *config, "--quiet", command]


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"serve": serve}
