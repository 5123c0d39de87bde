"""Several models summarized: a row for each, a failure told."""

from lr_finder.reports.document import plain
from lr_finder.reports.kinds.found_models import FoundModels, draw, summarize


def test_a_row_for_each_model_as_in_to_dict(finding, no_finding):
    found = FoundModels({"a": finding, "b": no_finding}, {"c": "it broke"})
    told = summarize(found)
    table, models = told.section("models").blocks[0], found.to_dict()["models"]
    place = [column.key for column in table.columns].index("lr")
    assert [row[0] for row in table.rows] == [model["name"] for model in models]
    assert [row[place].value for row in table.rows] == [finding.lr, None, None]
    assert plain(told.answer).startswith("3 models. Train with a learning rate of ")
    assert "c: it broke" in told.section("reasons").blocks[0].texts
    assert told.pictures() == list(draw(found)) == ["sweeps"]


def test_a_warning_on_the_data_is_told_once(finding, no_finding):
    rows = summarize(FoundModels({"a": finding, "b": no_finding})).section("warnings")
    kinds = [kind for kind, _ in rows.blocks[0].rows]
    assert kinds.count("data") == 1


def test_if_all_failed_it_says_so():
    told = summarize(FoundModels({}, {"a": "it broke"}))
    assert plain(told.answer) == "1 model: no learning rate can be suggested for any."
    assert told.pictures() == [] and draw(FoundModels({}, {"a": "x"})) == {}
