"""Who works in the bureau that ``make demo OPEN=1`` shows.  Nobody of them exists."""

from dataclasses import dataclass

WORDS = {
    "en": {
        "bureau": "Lakeside Bureau", "east": "East Brigade", "squad": "First Squad",
        "west": "West Brigade", "market": "Market Street", "bridge": "Old Bridge",
        "trade": "street trade", "building": "building without leave", "noise": "noise at night",
        "party": "Ms Zhang", "other_party": "Mr He", "third_party": "Pan Snack Bar",
        "complaint": "the complaint says otherwise", "review": "legal review of the penalty",
        "curious": "to have a look", "no_need": "no work of ours needs it",
        "withdrawn": "the complaint was taken back", "transfer": "handed over to the police",
        "battery": "the battery had run empty; the rest was told by the second officer",
        "rain": "rain; the lens was dried", "returned": "which officer spoke the reason?",
        "said": "it was mine that day: mine was being repaired", "inspect": "yearly inspection",
        "letter": "Hotline 12345, no. 88", "complained": "Ms Zhang says she was pushed",
        "over": "half a year and the time to sue are over", "checked": "gone through, nothing open",
    },
    "zh-CN": {
        "bureau": "湖滨执法局", "east": "城东执法大队", "squad": "一中队", "west": "城西执法大队",
        "market": "市场街", "bridge": "老桥", "trade": "占道经营",
        "building": "违法建设", "noise": "夜间噪声", "party": "张某", "other_party": "何某",
        "third_party": "潘记小吃店", "complaint": "投诉人说法不一", "review": "处罚决定法制审核",
        "curious": "想看一看", "no_need": "与工作无关", "withdrawn": "投诉已撤回",
        "transfer": "移送公安机关", "battery": "电池耗尽,其余由另一名执法人员记录",
        "rain": "下雨,擦拭镜头", "returned": "请写明由谁口述原因", "said": "当天我的设备在维修",
        "inspect": "年度检查", "letter": "12345热线第88号", "complained": "张某称被推搡",
        "over": "保存期限与起诉期限均已届满", "checked": "已逐条核对，无未结事项",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worker:
    """``name``: (English, Chinese); ``unit``: a word of ``WORDS``, None is the whole bureau."""

    number: str
    name: tuple[str, str]
    unit: str | None
    role: str

    def called(self, lang):
        return self.name[lang == "zh-CN"]


ADMINS = (
    Worker("000101", ("Li", "李管理"), None, "admin"),
    Worker("000102", ("Sun", "孙管理"), None, "admin"),
)
AUDITOR = Worker("000103", ("Zhao", "赵检查"), None, "auditor")
CHIEF = Worker("000030", ("Deng", "邓局长"), None, "head")
OVERSEER = Worker("000104", ("Qian", "钱监督"), None, "overseer")
HEAD = Worker("000010", ("Chen", "陈队长"), "east", "head")
DEPUTY = Worker("000011", ("Gao", "高副队"), "east", "deputy")
SUPERVISOR = Worker("000012", ("Zhou", "周督导"), "east", "supervisor")
WEST_HEAD = Worker("000020", ("Xu", "徐队长"), "west", "head")
WANG = Worker("000001", ("Wang", "王警员"), "squad", "officer")
LIU = Worker("000002", ("Liu", "刘警员"), "squad", "officer")
MA = Worker("000003", ("Ma", "马警员"), "squad", "officer")
HU = Worker("000004", ("Hu", "胡警员"), "west", "officer")
STAFF = (CHIEF, OVERSEER, HEAD, DEPUTY, SUPERVISOR, WEST_HEAD, WANG, LIU, MA, HU)
EVERYBODY = (*ADMINS, AUDITOR, *STAFF)
SHOWN = (WANG, SUPERVISOR, HEAD, DEPUTY, OVERSEER, AUDITOR, ADMINS[0])  # one for each role
SIGNERS = (CHIEF, HEAD, WEST_HEAD, DEPUTY)
OWN = {WANG: "K7F3A2C", LIU: "K7F3A2D", MA: "K7F3A2E"}  # serial numbers of recorders
POOLED = "H9D2B4E"
