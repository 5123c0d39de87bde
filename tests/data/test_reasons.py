from lr_finder.data.reasons import MAX_LENGTH, short_reason


def test_one_short_line_of_printable_characters():
    assert short_reason(OSError("cannot\x1b[31m read.\nmore")) == "cannot?[31m read"
    assert short_reason(KeyError()) == "KeyError"
    assert len(short_reason(ValueError("x" * 1000))) == MAX_LENGTH
