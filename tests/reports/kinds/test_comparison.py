"""A comparison summarized: its tables are those of `to_dict()`."""

import dataclasses

import pytest

from lr_finder.reports.document import plain
from lr_finder.reports.kinds.comparison import UNFINISHED, draw, summarize
from lr_finder.results.comparison_ranks import RANK_COLUMNS
from lr_finder.results.comparison_text import seconds_of


def test_the_ranking_is_that_of_to_dict(comparison, page_of):
    shown, told = page_of(comparison).table("ranking"), comparison.to_dict()["ranking"]
    assert len(shown) == len(told) == 2
    for row, expected in zip(shown, told, strict=True):
        numbers = {"mean", "sd", "low", "high", "n", "rank", "seconds"} & row.keys()
        assert numbers >= {"mean", "low", "high", "n", "rank"}
        known = expected | {"seconds": seconds_of(expected)}
        assert {n: row[n] for n in numbers} == {n: known[n] for n in numbers}
        assert set(row) & set(RANK_COLUMNS) <= set(expected)


def test_the_answer_is_the_first_and_the_rest_follows(comparison):
    told, sentences = summarize(comparison), comparison.sentences()
    assert plain(told.answer) == f"{sentences[1]}."
    assert told.also == (f"{sentences[0]}.",)
    assert told.section("says").blocks[0].texts == tuple(f"{s}." for s in sentences[2:])


def test_a_comparison_that_still_runs_says_so(comparison):
    part = dataclasses.replace(comparison, runs=comparison.runs.head(7))
    assert UNFINISHED in summarize(part).also
    assert UNFINISHED not in summarize(comparison).also


@pytest.mark.parametrize("status", ["failed", "diverged"])
def test_one_without_a_score_says_so(comparison, status):
    runs = comparison.runs.assign(status=status, message="it broke")
    none = dataclasses.replace(comparison, runs=runs)
    told = summarize(none)
    doubts = told.section("warnings")
    assert (doubts is not None) == (status == "failed")
    if status == "failed":
        assert "12 of 12 runs failed: it broke" in doubts.blocks[0].rows[0][1]


def test_each_figure_that_is_shown_can_be_drawn(comparison):
    names = summarize(comparison).pictures()
    assert names == ["ranking-0", "epochs-0", "found-0", "rate-0"]
    assert set(names) <= set(draw(comparison))


def test_an_accuracy_is_shown_in_per_cent(comparison):
    ranking = summarize(comparison).section("ranking").blocks[0]
    place = [column.key for column in ranking.columns].index("mean")
    first = ranking.rows[0][place]
    assert first.text == f"{100 * first.value:.2f}"
    assert ranking.columns[place].heading == "Test accuracy (%)"
