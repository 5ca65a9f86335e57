from latentshot.experiment.plots import LONGEST, plain
from latentshot.experiment.text import csv_cell, printable


def test_names_of_files_do_no_harm_in_a_table_a_terminal_or_a_picture():
    assert csv_cell('=HYPERLINK("http://x")') == '\'=HYPERLINK("http://x")'
    assert csv_cell("a=b, ü") == "a=b, ü"
    assert printable("a\x1b[2Jb\n\udcff") == r"a\x1b[2Jb\n\udcff"
    assert csv_cell("\tx") == r"'\tx"
    assert plain("_$5\x1b") == r" _\$5\x1b"


def test_a_long_name_leaves_room_for_a_picture():
    shown = plain("very-" * 40 + "long")
    assert len(shown) == LONGEST
    assert shown.endswith("very-long")
    assert plain("two\nlines") == "two\nlines"
