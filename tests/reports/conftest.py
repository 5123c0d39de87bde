"""Results made by hand, with names that mean harm; and a reader of reports."""

import html.parser
import types

import numpy as np
import pandas as pd
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.analysis.verification.candidates import Row
from lr_finder.results.comparison import Comparison
from lr_finder.results.comparison_runs import EPOCH_COLUMNS, RUN_COLUMNS
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult
from lr_finder.results.training import Cut, TrainingOutcome
from lr_finder.results.verification import Stability, VerifiedSuggestion

HOSTILE = (
    """<script>alert("1")</script>' onload='x' & <img src=x> {{ 7*7 }} http://a.b"""
)
METADATA = {
    "mode": "exponential", "start_lr": 1e-6, "end_lr": 1.0, "steps": 100,
    "batch_size": 16, "repeats": 1, "seed": 3, "group": None, "compiled_lr": 1e-4,
    "model": HOSTILE, "parameters": 4545, "optimizer": "Adam", "momentum": None,
    "beta_1": 0.9, "loss": HOSTILE, "device": f"CPU {HOSTILE}", "backend": "jax",
    "keras": "3.15.1", "lr_finder": "0.0.9",
}  # fmt: skip
ABOUT = {
    "source": f"{HOSTILE}.csv", "kind": "tabular", "kind_reason": HOSTILE,
    "task": "classification", "target": HOSTILE, "data": f"classes {HOSTILE}, 2",
    "notes": [f"column {HOSTILE} dropped", f"warning: column {HOSTILE} may leak"],
    "model": f"{HOSTILE}, 4,545 parameters; Adam on mse",
    "command": f"lr_finder find '{HOSTILE}.csv'",
}  # fmt: skip


@pytest.fixture(scope="session")
def sweep():
    rng = np.random.default_rng(0)
    lrs = np.geomspace(1e-6, 1, 100)
    losses = 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2 + 0.02 * rng.normal(size=100)
    return SweepResult([Curve(lrs, losses)], METADATA)


@pytest.fixture(scope="session")
def verification(sweep):
    suggestion = sweep.suggest()
    rates = (suggestion.lr / 3, suggestion.lr)
    rows = (
        Row(rates[0], 1, 20, 1.0 / 3.0, 0.25, "dropped"),
        Row(rates[1], 1, 20, 0.1, None, "winner"),
    )
    losses = {
        lr: np.linspace(1, row.loss, 20) for lr, row in zip(rates, rows, strict=True)
    }
    stability = Stability(2 * rates[1], 20, False, 1.25)
    metadata = {"judge": "training", "budget_steps": 90}
    return VerifiedSuggestion(suggestion, rows, losses, stability, 40, metadata)


def trained(rate, end, **about):
    epochs = pd.DataFrame({"epoch": [1, 2, 3], "loss": [1.0, 0.5, end]})
    epochs = epochs.assign(val_loss=[1.0, 1 / 3, end])
    losses = np.geomspace(1, end, 30)
    batches = {"loss": losses.tolist(), "epoch": np.repeat([0, 1, 2], 10).tolist()}
    kept = {name: epochs[name].tolist() for name in ("loss", "val_loss")}
    return TrainingOutcome(rate, epochs, TrainingRecord(batches, kept), **about)


@pytest.fixture(scope="session")
def training():
    cut = Cut(2, 15, 0.3, 0.1)
    own = trained(1e-4, 0.4)
    return trained(1e-2, 0.1, against_default=own, schedule="wsd", cuts=[cut])


@pytest.fixture(scope="session")
def finding(sweep, verification, training):
    return Finding(
        ABOUT, sweep, "window", sweep.suggest(), None, verification, training
    )


@pytest.fixture(scope="session")
def no_finding():
    """A finding without a suggestion."""
    lrs = np.geomspace(1e-6, 1, 100)
    flat = SweepResult([Curve(lrs, np.ones(100))], METADATA)
    try:
        flat.suggest()
    except Exception as caught:
        return Finding(ABOUT, flat, "window", error=caught)


def make_comparison(optimizers=2, rates=2, seeds=3, epochs=2, name=HOSTILE):
    """A comparison of a model at so many settings."""
    runs, rows = [], []
    names = [f"adam{i} {HOSTILE[:9]}" for i in range(optimizers)]
    for place, optimizer in enumerate(names):
        for level in range(rates):
            for seed in range(seeds):
                key = f"{place}-{level}-{seed}"
                score = 0.9 - 0.1 * place - 0.02 * level + 0.01 * seed
                run = {
                    "key": key, "model": HOSTILE, "optimizer": optimizer,
                    "rate": "found" if not level else f"0.{level}",
                    "learning_rate": 0.01 * (level + 1), "batch_size": 32,
                    "initializer": "default",
                    "seed": seed, "max_epochs": epochs, "status": "finished",
                    "seconds": 3.0, "search_seconds": 1.0, "val_accuracy": score,
                    "test_accuracy": score - 0.01, "val_loss": 1 - score,
                    "test_loss": 1 - score, "device": "CPU", "message": "",
                    "epochs_run": epochs, "best_epoch": epochs,
                }  # fmt: skip
                runs.append(run)
                shared = {k: v for k, v in run.items() if k in EPOCH_COLUMNS}
                for epoch in range(1, epochs + 1):
                    values = {
                        "epoch": epoch, "loss": 1 / epoch, "val_loss": 1 / epoch,
                        "accuracy": score, "val_accuracy": score, "elapsed": epoch,
                    }  # fmt: skip
                    rows.append(shared | values)
    return Comparison(
        pd.DataFrame(runs).reindex(columns=RUN_COLUMNS),
        pd.DataFrame(rows).reindex(columns=EPOCH_COLUMNS),
        name=name, test_rows=1000, about={"keras": "3.15.1", "backend": "jax"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def comparison():
    return make_comparison()


class Reader(html.parser.HTMLParser):
    """What a page holds: its numbers, tables, addresses and tags."""

    def __init__(self, page):
        super().__init__()
        self.numbers, self.tables, self.addresses, self.tags = {}, {}, [], []
        self.headings, self.text, self.files = [], "", {}
        self._table = self._heading = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self.addresses += [given[n] for n in ("src", "href") if n in given]
        if tag == "a" and "download" in given:
            self.files[given["download"]] = given["href"]
        if tag == "data":
            if "class" in given:
                self.numbers.setdefault(given["class"], float(given["value"]))
            if self._table is not None and self._table.rows:
                self._table.rows[-1][-1] = float(given["value"])
                self._is_number = True
        if tag == "table":
            self._table = types.SimpleNamespace(keys=[], rows=[])
            self.tables[given["data-name"]] = self._table
        if tag == "th":
            self._table.keys.append(given["data-key"])
        if tag == "tr" and self._table.keys:
            self._table.rows.append([])
        if tag == "td":
            self._table.rows[-1].append("")
            self._is_number = False
        if tag == "h2":
            self.headings.append("")
            self._heading = True

    def handle_endtag(self, tag):
        if tag == "table":
            self._table = None
        if tag == "h2":
            self._heading = None

    def handle_data(self, data):
        self.text += data
        if self._heading:
            self.headings[-1] += data
        rows = self._table.rows if self._table is not None else []
        if rows and rows[-1] and not self._is_number:
            rows[-1][-1] += data.strip()

    def table(self, name):
        """The rows of a table by the names of `to_dict()`."""
        table = self.tables[name]
        return [dict(zip(table.keys, row, strict=True)) for row in table.rows]


@pytest.fixture(scope="session")
def read():
    return Reader


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Writes the report of a result, once for each result and suffix."""
    known = {}

    def write(result, suffix=".html"):
        if (id(result), suffix) not in known:
            path = tmp_path_factory.mktemp("reports") / f"report{suffix}"
            known[id(result), suffix] = result.report(path)
        return known[id(result), suffix]

    return write


@pytest.fixture(scope="session")
def page_of(written):
    """The page of a result, read."""
    known = {}

    def page(result):
        if id(result) not in known:
            known[id(result)] = Reader(written(result).read_text("utf-8"))
        return known[id(result)]

    return page


@pytest.fixture(scope="session")
def compared():
    """Makes comparisons of any size."""
    return make_comparison


@pytest.fixture(scope="session")
def hostile():
    return HOSTILE
