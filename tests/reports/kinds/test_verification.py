"""Short trainings summarized: a row for each rate and rung."""

import dataclasses

from lr_finder.reports.kinds.verification import draw, summarize


def test_the_row_of_the_answer_stands_out(verification):
    table = summarize(verification).section("verification").blocks[0]
    assert table.rows[table.marked][-1] == "winner"
    row = dataclasses.replace(verification.table[0], rung=2, status="answer")
    later = dataclasses.replace(verification, table=(*verification.table, row))
    table = summarize(later).section("verification").blocks[0]
    assert table.rows[table.marked][-1] == "answer"


def test_a_column_without_values_is_left_out(verification):
    def keys(each):
        table = summarize(each).section("verification").blocks[0]
        return [column.key for column in table.columns]

    none = [
        dataclasses.replace(row, validation_loss=None) for row in verification.table
    ]
    assert "validation_loss" in keys(verification)
    bare = dataclasses.replace(verification, table=tuple(none))
    assert "validation_loss" not in keys(bare)


def test_without_losses_there_is_no_figure(verification):
    bare = dataclasses.replace(verification, losses={})
    assert draw(bare) == {} and summarize(bare).pictures() == []
    assert summarize(verification).pictures() == list(draw(verification))
