"""What a person reads on a terminal."""

from appliance.output import table, width


def test_a_table_too_wide_for_its_terminal_gives_up_the_beginning_of_names():
    rows = [["name", "size"], ["DCIM/执法_20261121_100000.mp4", "5 MB"], ["a.mp4", "1 B"]]
    lines = table(rows, give=0, columns=24)
    assert all(width(line) <= 24 for line in lines)
    assert lines[1].startswith("…")
    assert lines[1].endswith(".mp4  5 MB")
    assert lines[2].startswith("a.mp4 ")
    assert table(rows, give=0, columns=200) == table(rows)
