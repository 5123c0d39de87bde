"""A stability study in a report: its tables are those of `to_dict()`."""

import pytest

from lr_finder.reports.document import plain
from lr_finder.reports.kinds.stability import draw, summarize
from lr_finder.results.stability.result import StabilityResult

from ...conftest import make_study_frames


@pytest.fixture(scope="module")
def study():
    runs, epochs = make_study_frames()
    return StabilityResult(runs, epochs, "<b>digits</b>", {"keras": "3.15.1"})


def test_the_answer_is_the_variant_that_ends_lowest(study):
    told, sentences = summarize(study), study.sentences()
    assert plain(told.answer) == f"{sentences[1]}."
    assert told.also == (f"{sentences[0]}.",)
    assert told.section("says").blocks[0].texts == tuple(f"{s}." for s in sentences[2:])


@pytest.mark.parametrize("name", ["limits", "shares"])
def test_the_tables_hold_the_exact_numbers(study, name, page_of):
    shown, told = page_of(study).table(name), study.to_dict()[name]
    assert len(shown) == len(told)
    for row, expected in zip(shown, told, strict=True):
        for key, value in row.items():
            if isinstance(value, float):
                assert value == pytest.approx(expected[key]), key
            elif expected[key] is not None and not isinstance(expected[key], float):
                assert str(value) == str(expected[key]), key


def test_its_figure_can_be_drawn_and_names_do_no_harm(study, written):
    assert summarize(study).pictures() == ["stability"] == list(draw(study))
    page = written(study, ".html").read_text()
    assert "<b>digits" not in page and "&lt;b&gt;digits" in page


def test_what_failed_is_a_warning_and_a_column(study):
    runs = study.runs.assign(
        outcome=study.runs["outcome"].where(study.runs["seed"] > 0, "failed"),
        message="it broke",
    )
    told = summarize(StabilityResult(runs, study.epochs))
    assert ("failed", "it broke") in told.section("warnings").blocks[0].rows
    columns = [each.key for each in told.section("shares").blocks[0].columns]
    assert "n_failed" in columns
