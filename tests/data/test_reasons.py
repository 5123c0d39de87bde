from lr_finder.data.reasons import MAX_LENGTH, listed, short_reason


def test_one_short_line_of_printable_characters():
    assert short_reason(OSError("cannot\x1b[31m read.\nmore")) == "cannot?[31m read"
    assert short_reason(KeyError()) == "KeyError"
    assert len(short_reason(ValueError("x" * 1000))) == MAX_LENGTH


def test_more_names_than_are_shown_end_in_an_ellipsis():
    assert listed("abcde") == "'a', 'b', 'c', 'd', 'e'"
    assert listed("abcdef") == "'a', 'b', 'c', 'd', 'e', …"
