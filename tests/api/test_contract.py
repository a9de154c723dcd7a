"""Schemathesis over the application in this process: no fault of ours, no answer unannounced."""

import schemathesis
from hypothesis import HealthCheck, Phase, settings

from api.app import describe
from tests.api.browser import LOGIN, an_office

OFFICE = an_office()
OFFICE.granted()
TOKEN = OFFICE.enter("head").cookies["__Host-ds"]
DOCUMENT = describe(OFFICE.app)
EXAMPLES = 5  # of each operation


api = schemathesis.openapi.from_dict(DOCUMENT)
api.app = OFFICE.app
HOSTS = {"/api/v1/sign/": "https://sign.dock1.example"}


@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
def test_no_answer_that_is_not_documented(case):
    host = next((h for start, h in HOSTS.items() if case.path.startswith(start)), LOGIN)
    case.headers = {**(case.headers or {}), "Origin": host, "Sec-Fetch-Site": "same-origin"}
    signed_out = case.path.startswith("/api/v1/session")  # else the first DELETE ends it all
    case.cookies = {} if signed_out else {"__Host-ds": TOKEN}
    answer = case.call(base_url=host)
    assert answer.status_code != 500  # 503 is an answer: in memory no tree is published
    case.validate_response(
        answer,
        checks=[
            schemathesis.checks.status_code_conformance,
            schemathesis.checks.content_type_conformance,
            schemathesis.checks.response_schema_conformance,
        ],
    )
