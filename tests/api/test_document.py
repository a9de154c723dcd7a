"""The OpenAPI document ships, is what the application does, and a stranger can use it."""

import json
import os
from pathlib import Path

import pytest

from api.app import create_app, describe
from tests.api.browser import an_office

SHIPPED = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document():
    return describe(create_app(an_office().site))


def test_the_shipped_document_is_the_one_of_the_application(document):
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("DOCKSEAL_WRITE_OPENAPI"):
        SHIPPED.write_text(text, "utf-8")
    assert SHIPPED.read_text("utf-8") == text


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    for part in text.split('"$ref": "#/')[1:]:
        place = document
        for name in part.partition('"')[0].split("/"):
            place = place[name]


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document):
    found = [each for path in document["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in found}) == len(found)
    assert all(each.get("description") for each in found)
