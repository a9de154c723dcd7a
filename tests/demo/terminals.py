"""Each person of the demo sits at a terminal of their own: a runtime folder with their session.

What is refused must be refused: a demo in which somebody gets through is wrong.
"""

import os

from appliance.exits import Exit

PASSWORD = "three short words do"  # noqa: S105 - of people who do not exist


class Terminals:
    """``demo`` starts the program over ``home`` and speaks; ``names``: of who types, by number."""

    def __init__(self, demo, home, names):
        self.demo, self.home, self.names = demo, home, names
        self.refused = []  # acts that somebody tried and that were refused

    def works(self, who, *arguments, home=True):
        self.expect(Exit.OK, who, arguments, home=home)

    def told(self, who, *arguments):
        """Return what a command said, after showing it."""
        return self.expect(Exit.OK, who, arguments, keep=True)

    def refuses(self, who, *arguments):
        self.expect(Exit.REFUSED, who, arguments)
        self.refused.append(arguments[0])

    def expect(self, code, who, arguments, *, home=True, keep=False):
        ended = self.demo.show(
            *arguments, home=self.home if home else None, prompt=self.names.get(who, ""),
            seat=self.environment(who), keep=keep,
        )  # fmt: skip
        if ended.returncode != code:
            raise WrongTurnError(" ".join(arguments[:2]), ended.returncode)
        return ended.stdout

    def take(self, who, code):
        """Set the password by the code that was handed over; that signs in."""
        file = self.secret(who, code, PASSWORD)
        self.works(who, "login", "--code", "--password-file", file)
        self.secret(who, PASSWORD)  # for who goes on after the demo

    def document(self, who, *arguments):
        """Return what a command says as JSON; nothing is shown."""
        return self.demo.document(*arguments, seat=self.environment(who), home=self.home)

    def secret(self, who, *lines):
        file = self.seat(who) / "secret"
        file.touch(mode=0o600)
        file.write_text("".join(f"{line}\n" for line in lines))
        return str(file)

    def environment(self, who):
        return {**os.environ, "XDG_RUNTIME_DIR": str(self.seat(who))}

    def seat(self, who):
        seat = self.demo.folder.resolve() / "terminals" / (who or "nobody")
        seat.mkdir(mode=0o700, parents=True, exist_ok=True)
        return seat


class WrongTurnError(Exception):
    """A step of the demo ended otherwise than it must: what, and its exit code."""
