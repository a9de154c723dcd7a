import base64
from hashlib import sha256

import pytest

from evidence.checkpoint import SIZE_LIMIT, Checkpoint, encode, parse
from evidence.errors import MalformedError

ROOT = sha256(b"root").digest()
ROOT64 = base64.b64encode(ROOT).decode()
ORIGIN = "lab.example/dock/01/1"


@pytest.mark.parametrize("size", [0, 1, 10, 70_000, SIZE_LIMIT])
def test_a_checkpoint_comes_back(size):
    checkpoint = Checkpoint(ORIGIN, size, ROOT)
    assert encode(checkpoint) == f"{ORIGIN}\n{size}\n{ROOT64}\n"
    assert parse(encode(checkpoint)) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n5\n{ROOT64}",
        f"{ORIGIN}\n5\n{ROOT64}\nextension\n",
        f"{ORIGIN}\n5\n{ROOT64}\n\n",
        f"\n5\n{ROOT64}\n",
        f"{ORIGIN}\n5\u2028{ROOT64}\n",
        f"{ORIGIN}\n5\n{ROOT64[:-4]}\n",
        f"{ORIGIN}\n5\n{ROOT64} \n",
        f"{ORIGIN}\n5\n{base64.urlsafe_b64encode(b'~' * 32).decode()}\n",
        *(
            f"{ORIGIN}\n{size}\n{ROOT64}\n"
            for size in ("", "+5", " 5", "5 ", "05", "-0", "1_0", "٥", "0x5", "1e3")
        ),
        f"{ORIGIN}\n{SIZE_LIMIT + 1}\n{ROOT64}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT64}\n",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_what_is_not_a_checkpoint_of_three_lines_is_refused(text):
    with pytest.raises(MalformedError):
        parse(text)


@pytest.mark.parametrize(
    "wrong",
    [
        Checkpoint("", 1, ROOT),
        Checkpoint("a\nb", 1, ROOT),
        Checkpoint(ORIGIN, -1, ROOT),
        Checkpoint(ORIGIN, 1, ROOT[:31]),
        Checkpoint(ORIGIN, SIZE_LIMIT + 1, ROOT),
    ],
)
def test_what_could_not_be_read_back_is_never_signed(wrong):
    with pytest.raises(MalformedError):
        encode(wrong)
