"""A deployment summarized, and written as a page."""

import pytest

from lr_finder.reports.kinds.drift import draw, summarize
from lr_finder.reports.notebook import as_html
from lr_finder.reports.report import report

from ...results.drift.test_deployment import drift_report


def test_the_tables_hold_what_the_summary_has():
    made = drift_report()
    summary = summarize(made)
    table = summary.section("policies").blocks[0]
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    assert [row["policy"] for row in rows] == ["never", "alarm"]
    assert rows[0]["error_after"].value == 3.0 and rows[0]["recovery"] == "–"
    trained = summary.section("trainings").blocks[0].rows
    assert [row[1] for row in trained] == ["row 720"]
    assert summary.pictures() == list(draw(made)) == ["deployment"]


def test_a_page_and_a_notebook_hold_the_answer(tmp_path):
    made = drift_report()
    page = report(made, tmp_path / "drift.html").read_text()
    answer = str(made)[1:]
    assert answer in page and "levels.csv" in page
    assert answer in as_html(made) and "<img" in as_html(made)


def test_a_pdf_has_room_for_its_tables(tmp_path):
    pytest.importorskip("fpdf")
    page = report(drift_report(), tmp_path / "drift.pdf").read_bytes()
    assert page.startswith(b"%PDF")


def test_without_trainings_there_is_a_page(tmp_path):
    made = drift_report()
    alone = type(made)(made.deployments[:1], 1.0, 100, "regression")
    assert "began to fail" in report(alone, tmp_path / "alone.html").read_text()
