"""The description of the API (OpenAPI): bodies, examples, the token."""

from __future__ import annotations

from typing import Any, Literal

import fastapi
import pydantic
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from lr_finder.service.schemas import (
    ComparisonOptions,
    Curve,
    FindingOptions,
    Problem,
    Refused,
)

TEXT = """
Finds learning rates for Keras models. `POST /v1/suggestions` reads a rate from a curve
that you have. `POST /v1/findings` takes data (a table, a series, texts, or a zip of
images) and sweeps a network over it. `POST /v1/comparisons` compares optimizers by
short trainings. The last two are jobs: they answer with an id, under which the result
is found.
"""
MODE: Literal["validation"] = "validation"
MODELS: tuple[type[pydantic.BaseModel], ...] = (
    Curve, FindingOptions, ComparisonOptions, Refused, Problem,
)  # fmt: skip
REF = "#/components/schemas/{model}"
LEARNING_RATES = [
    1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1,
]  # fmt: skip
LOSSES = [2.30, 2.30, 2.29, 2.27, 2.21, 2.02, 1.60, 1.21, 1.05, 1.12, 2.4, None]
CURVE = {"learning_rates": LEARNING_RATES, "losses": LOSSES, "optimizer": "adam"}
TABLE = "learning_rate,loss\n" + "".join(
    f"{lr},{loss}\n"
    for lr, loss in zip(LEARNING_RATES, LOSSES, strict=True)
    if loss is not None
)
OPTIONS = {
    "finding": {"target": "price", "optimizer": "adam", "steps": 100},
    "comparison": {"target": "price", "optimizers": ["adam", "sgd"], "seeds": 2,
                   "epochs": 3},
}  # fmt: skip


def suggestion_body() -> dict[str, Any]:
    """The body of a request for a suggestion: JSON or CSV."""
    content = {
        "application/json": {
            "schema": {"$ref": REF.format(model="Curve")},
            "example": CURVE,
        },
        "text/csv": {"schema": {"type": "string"}, "example": TABLE},
    }
    return {"requestBody": {"required": True, "content": content}}


def job_body(kind: str, schema: type[pydantic.BaseModel]) -> dict[str, Any]:
    """The body of a request that begins a job: a form with a file and options.

    Args:
        kind: str, of the job.
        schema: class of its options.

    Returns:
        dict of OpenAPI.
    """
    properties = {
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "A table (CSV, TSV, JSON Lines, each also compressed; "
            "Parquet, NPZ), lines of `label TAB text`, or a zip with a folder of "
            "images for each class.",
        },
        "options": {"$ref": REF.format(model=schema.__name__)},
    }
    if kind == "finding":
        properties["model"] = {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "A .keras file, if the service takes models.",
        }
    form = {
        "schema": {
            "type": "object",
            "properties": properties,
            "required": ["file"],
            "additionalProperties": False,
        },
        "encoding": {"options": {"contentType": "application/json"}},
        "examples": {"a table": {"value": {"options": OPTIONS[kind]}}},
    }
    content = {"multipart/form-data": form}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: fastapi.FastAPI, *, has_token: bool) -> None:
    """Let the description of an application name what its routes read themselves.

    Args:
        app: FastAPI.
        has_token: bool, whether requests must send a token.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app, has_token=has_token)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _made(app: fastapi.FastAPI, *, has_token: bool) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description,
        routes=app.routes, tags=app.openapi_tags,
    )  # fmt: skip
    given = [(each, MODE) for each in MODELS]
    _, made = models_json_schema(given, ref_template=REF)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= made["$defs"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    refused = {"schema": {"$ref": REF.format(model="Refused")}}
    for path in found["paths"].values():
        for operation in path.values():
            if "422" in operation["responses"]:
                told = operation["responses"]["422"]
                told["content"] = {"application/json": refused}
    if has_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found
