"""The runs of a history as people read them."""

import pytest
import typer

from lr_finder.cli.histories import history_listing
from lr_finder.history.kept_columns import checked_run


def test_what_a_run_lacks_is_blank(capsys, tmp_path):
    run = checked_run(
        {"id": "a" * 32, "date": "2026-11-30T12:00:00", "optimizer": "own",
         "origin": "imported", "command": "find", "best_val_loss": 0.0,
         "final_loss": 2.0}
    )  # fmt: skip
    history_listing.print_runs([run], 5, tmp_path / "[red]h.sqlite", is_filtered=False)
    head, row, where = capsys.readouterr().out.splitlines()
    assert row.split() == ["aaaaaaaa", "2026-11-30", "12:00", "find,", "imported",
                           "unnamed", "0"]  # fmt: skip
    assert where.startswith("1 run in ") and "[red]" in where


def test_a_person_is_asked(monkeypatch):
    monkeypatch.setattr(
        history_listing.sys.stdin, "isatty", lambda: True, raising=False
    )
    monkeypatch.setattr(typer, "confirm", lambda text, **options: asked.append(text))
    asked = []
    history_listing.confirm(1)
    assert asked == ["Remove 1 run for good?"]


@pytest.mark.parametrize("name", ["a.png", "a.SVG"])
def test_endings_of_pictures(name, tmp_path):
    class Kept:
        def plot(self, **given):
            from lr_finder.plots.style import new_figure

            return new_figure(2, 2).subplots()

    assert history_listing.draw_runs(Kept(), tmp_path / name, {}).stat().st_size
