"""A tuning summarized, and written as a page."""

import math

from lr_finder.reports.kinds.tuning import draw, summarize
from lr_finder.reports.notebook import as_html
from lr_finder.reports.report import report

from ...results.test_tuning import tuning


def test_the_best_trial_comes_first():
    made = tuning()
    summary = summarize(made)
    table = summary.section("trials").blocks[0]
    keys = [column.key for column in table.columns]
    first = dict(zip(keys, table.rows[0], strict=True))
    best = made.best_row()
    assert first["learning_rate"].value == best["learning_rate"]
    assert first["loss"].value == best["loss"]
    assert summary.pictures() == list(draw(made)) == ["tuning"]


def test_a_page_and_a_notebook_hold_the_answer(tmp_path):
    made = tuning()
    page = report(made, tmp_path / "tuning.html").read_text()
    answer = str(made)[1:]
    assert answer in page and "trials.csv" in page
    assert answer in as_html(made) and "<img" in as_html(made)


def test_a_tuning_without_an_answer_has_a_report(tmp_path):
    made = tuning()
    lost = type(made)(made.trials.assign(loss=math.inf), made.space, 50, 4)
    assert "No answer" in report(lost, tmp_path / "lost.html").read_text()
