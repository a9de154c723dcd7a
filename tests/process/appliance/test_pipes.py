"""What a shell does with our output."""

import subprocess
import sys

from appliance.exits import Exit


def test_a_reader_who_goes_away_is_no_error():
    """A real process and a real pipe: the reader closes it before the answer is written."""
    code = (
        "import sys; from appliance.cli import run; sys.stdin.read();"
        "sys.exit(run(['--help'], {'HOME': '/nonexistent'}, lambda settings: None))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == Exit.PIPE_CLOSED
