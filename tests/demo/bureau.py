"""The second half of the demo: an organisation, a question, its answer, and a copy."""

import re
from datetime import timedelta

from tests.demo.terminals import PASSWORD, Terminals

CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}\b")
OFFICER, MATE, HEAD, SUPERVISOR = "000001", "000002", "000010", "000012"
ADMIN, SECOND, AUDITOR = "000101", "000102", "000103"
NAMES = {
    "en": {
        "bureau": "Demo Bureau", "unit": "East", "cause": "street trade", "party": "Zhang",
        "reason": "the complaint says otherwise",
        OFFICER: "Wang", MATE: "Liu", HEAD: "Chen", SUPERVISOR: "Zhou",
        ADMIN: "Li", SECOND: "Sun", AUDITOR: "Zhao",
    },
    "zh-CN": {
        "bureau": "演示执法局", "unit": "城东执法大队", "cause": "占道经营", "party": "张某",
        "reason": "投诉人说法不一",
        OFFICER: "王警员", MATE: "刘警员", HEAD: "陈队长", SUPERVISOR: "周督导",
        ADMIN: "李管理", SECOND: "孙管理", AUDITOR: "赵检查",
    },
}  # fmt: skip
STAFF = ((OFFICER, "officer"), (MATE, "officer"), (SUPERVISOR, "supervisor"), (HEAD, "head"))


class Bureau(Terminals):
    """People of a demo home.  ``demo`` starts the program and speaks; see ``tests.demo``."""

    def __init__(self, demo, today):
        super().__init__(demo, demo.home, NAMES[demo.lang])
        self.yesterday = (today - timedelta(days=1)).isoformat()
        self.until = (today + timedelta(days=7)).isoformat()

    def run(self, segment):
        """Found it, ask, refuse, decide, copy; return the folder of the copy."""
        self.found()
        self.staff()
        self.label(segment)
        question = self.ask(segment)
        grant = self.decide(question)
        return self.fetch(grant)

    # --- who is who ----------------------------------------------------------------------------

    def found(self):
        self.demo.say("demo.found")
        heads = [part for who in (ADMIN, SECOND) for part in ("--admin", self.named(who))]
        told = self.told(
            "", "setup", "--organisation", self.names["bureau"], *heads,
            "--auditor", self.named(AUDITOR),
        )  # fmt: skip
        for who, code in zip((ADMIN, SECOND, AUDITOR), CODE.findall(told), strict=True):
            if who != SECOND:
                self.take(who, code)

    def staff(self):
        self.demo.say("demo.staff")
        unit = self.names["unit"]
        self.works(ADMIN, "unit", "add", unit, "--enforcing")
        for who, role in STAFF:
            told = self.told(
                ADMIN, "people", "enrol", self.names[who], "--number", who, "--unit", unit
            )
            self.take(who, CODE.findall(told)[0])
            self.works(ADMIN, "role", "grant", who, role, unit)
        self.works(ADMIN, "recorder", "bind", "K7F3A2C", OFFICER, "--since", self.yesterday)

    def named(self, who):
        return f"{self.names[who]},{who}"

    # --- what is done --------------------------------------------------------------------------

    def label(self, segment):
        self.demo.say("demo.label")
        label = ("label", segment, "--item", "inspection", "--cause", self.names["cause"],
                 "--party", self.names["party"], "--officer", OFFICER)  # fmt: skip
        self.refuses(MATE, *label)
        self.works(OFFICER, *label)

    def ask(self, segment):
        self.demo.say("demo.ask", name=self.names[SUPERVISOR])
        folder = str(self.demo.folder / "copy")
        self.refuses(SUPERVISOR, "copy", segment, folder)
        request = ("request", "copy", segment, "--purpose", "complaint", "--reason",
                   self.names["reason"], "--until", self.until)  # fmt: skip
        self.refuses(MATE, *request, "--yes")
        self.works(SUPERVISOR, *request, "--dry-run")
        told = self.told(SUPERVISOR, *request, "--yes")
        return re.search(r"q:[0-9a-f]{32}", told)[0]

    def decide(self, question):
        self.demo.say("demo.decide", name=self.names[HEAD])
        approve = ("decide", "approve", question)
        self.refuses(SUPERVISOR, *approve, "--yes")
        key, witness = str(self.seat(HEAD) / "sign.key"), self.secret(AUDITOR, PASSWORD)
        self.works(HEAD, "inbox")
        self.works(HEAD, "key", "demo", key, "--witness", AUDITOR, "--password-file", witness)
        told = self.told(HEAD, *approve, "--times", "1", "--key", key, "--yes")
        return re.search(r"g:[0-9a-f]{32}", told)[0]

    def fetch(self, grant):
        self.demo.say("demo.fetch")
        folder = str(self.demo.folder / "copy")
        self.refuses(HEAD, "copy", grant, folder)
        self.works(SUPERVISOR, "copy", grant, folder)
        self.demo.say("demo.once")
        self.refuses(SUPERVISOR, "copy", grant, folder + "-2")
        self.demo.say("demo.verify_copy")
        key = (self.demo.home / "vkey").read_text().strip()
        self.works("", "verify", folder, "--vkey", key, home=False)
        self.demo.say("demo.log")
        self.works(OFFICER, "looks")
        self.refuses(ADMIN, "access-log")
        for kinds in (("requests", "decisions", "copies"), ("refusals",)):
            self.works(AUDITOR, "access-log", *(part for k in kinds for part in ("--kind", k)))
        return folder
