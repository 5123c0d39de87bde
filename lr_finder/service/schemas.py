"""What requests may say and answers hold: the description of the API.

The fields of the options are the arguments of `lr_finder.find` and `lr_finder.compare`
that a stranger may set. No field names a file, a module or a data set of the server.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from lr_finder.data.dataset import Kind, Task
from lr_finder.service.jobs.job_table import State

WORD, LIST_OF_NAMES = 200, 20  # characters of a text; names in a list
MOST_EPOCHS, MOST_STEPS, MOST_SEEDS = 1000, 10_000, 20
Text = Annotated[str, Field(min_length=1, max_length=WORD)]
Rate = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
LossName = Annotated[str, Field(pattern=r"^[A-Za-z]\w*$", max_length=WORD)]
ModelName = Literal["default", "cnn", "mlp", "3c3d", "resnet20"]
Method = Literal[
    "window", "drop", "steepest", "valley", "minimum", "slide", "textbook"
]  # fmt: skip
ScheduleName = Literal[
    "constant", "linear", "cosine", "warmup_cosine", "one_cycle", "wsd"
]  # fmt: skip


class _Strict(pydantic.BaseModel):
    """Nothing is guessed: a number is no text, and a name is one that is known."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True)


class Curve(_Strict):
    """A curve: losses over learning rates, in any order."""

    learning_rates: Annotated[list[float], pydantic.FailFast()] = Field(
        description="Positive, finite numbers."
    )
    losses: Annotated[list[float | None], pydantic.FailFast()] = Field(
        description="As many; null stands for a loss that is not finite."
    )
    optimizer: Text | None = Field(
        None, description="What made the curve: adam, sgd(momentum=0.9)."
    )
    method: Method = Field("window", description="The rule that reads the rate.")


class _DataOptions(_Strict):
    """How the data is read; what is left out is found."""

    kind: Kind | None = Field(None, description="What kind of data it is.")
    target: Text | int | None = Field(None, description="The column to predict.")
    task: Task | None = None
    time_column: Text | None = Field(None, description="Of a series.")
    date_format: Text | None = None
    drop: list[Text] | None = Field(None, description="Columns to leave out.")
    window: Count | None = Field(None, description="Points of a series that are seen.")
    horizon: Count | None = Field(None, description="Points that are forecast.")
    limit: Annotated[int, Field(ge=2)] | None = Field(None, description="Rows at most.")
    encoding: Text | None = None
    sep: Text | None = None
    decimal: Literal[".", ","] | None = None


class _SweepOptions(_Strict):
    """How a rate is found."""

    start_lr: Rate = 1e-7
    end_lr: Rate = 10.0
    steps: int = Field(200, ge=10, le=MOST_STEPS)
    repeats: int = Field(1, ge=1, le=MOST_SEEDS)
    method: Method = "window"
    verify: bool = False
    seed: Seed = 0
    loss: LossName | None = None


class FindingOptions(_DataOptions, _SweepOptions):
    """How a learning rate is found for the data: arguments of `lr_finder.find`."""

    optimizer: Text | None = Field(None, description="adam, sgd(momentum=0.9), …")
    batch_size: Count = 32
    budget_steps: Count | None = Field(None, description="Goes with `verify`.")
    train: int | None = Field(
        None, ge=1, le=MOST_EPOCHS, description="Epochs of a training; none by default."
    )
    against_default: bool = False
    schedule: ScheduleName | None = Field(None, description="Goes with `train`.")
    continue_from_verification: bool = False


class ComparisonOptions(_DataOptions, _SweepOptions):
    """What is compared on the data: arguments of `lr_finder.compare`."""

    optimizers: list[Text] = Field(
        ["sgd", "momentum", "rmsprop", "adam"], min_length=1, max_length=LIST_OF_NAMES
    )
    rates: list[Rate | Literal["found"]] = Field(
        [0.01, 0.001, "found"], min_length=1, max_length=LIST_OF_NAMES
    )
    batch_sizes: list[Count] | None = Field(None, max_length=LIST_OF_NAMES)
    initializers: list[LossName] | None = Field(None, max_length=LIST_OF_NAMES)
    models: list[ModelName] = Field(["default"], min_length=1, max_length=5)
    full_grid: bool = False
    seeds: int = Field(5, ge=1, le=MOST_SEEDS, description="Runs of each variant.")
    epochs: int = Field(10, ge=1, le=MOST_EPOCHS)
    early_stopping: bool = True
    reduce_on_plateau: bool = False
    schedule: ScheduleName | None = None
    augmentation: bool = False


class Progress(pydantic.BaseModel):
    """How far a job is that runs."""

    stage: str
    done: int
    total: int


class Problem(pydantic.BaseModel):
    """What went wrong, and what to do about it."""

    model_config = pydantic.ConfigDict(extra="allow")
    type: str
    message: str


class Refused(pydantic.BaseModel):
    """The answer to a request that is not served."""

    error: Problem


class Suggested(pydantic.BaseModel):
    """A suggestion, as `lr_finder suggest --json` prints it, and what to know of it."""

    model_config = pydantic.ConfigDict(extra="allow")
    lr: float
    low: float
    high: float
    method: str
    warnings: list[str]
    notes: list[str] = Field(description="What was decided while the curve was read.")


class JobTold(pydantic.BaseModel):
    """A job: its state and, when it is done, where its files are."""

    id: str
    kind: Literal["finding", "comparison"]
    name: str
    state: State
    created: str = Field(description="Time in UTC, as of ISO 8601.")
    started: str | None
    ended: str | None
    progress: Progress | None
    error: Problem | None
    files: dict[str, str] = Field(description="Name -> address of each.")


class JobWithResult(JobTold):
    """The same, with its options and what was found."""

    options: dict[str, Any]
    result: dict[str, Any] | None


class JobPage(pydantic.BaseModel):
    """Some jobs, the newest first."""

    jobs: list[JobTold]
    next: int | None = Field(description="`before` of the next page; null at the end.")


class Health(pydantic.BaseModel):
    """Whether the service works, and how much it has to do."""

    status: Literal["ok", "stopping"]
    version: str
    queued: int
    running: int


def data_options(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options of reading out of a dict, those that were given.

    Args:
        options: dict, changed in place.

    Returns:
        dict.
    """
    taken = {name: options.pop(name, None) for name in _DataOptions.model_fields}
    return {name: value for name, value in taken.items() if value is not None}
