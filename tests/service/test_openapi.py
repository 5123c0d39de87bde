"""The API keeps to its own description: requests are made up from it."""

import contextlib
import dataclasses

import pytest

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("fastapi_offline")

import hypothesis  # noqa: E402 - only where schemathesis is

from lr_finder.service.app import Service  # noqa: E402
from lr_finder.service.service_settings import ServiceSettings  # noqa: E402

QUICK, MANY = 2, 50  # examples of an operation, of those allowed and those not


def as_local(app):
    """The same application, asked as this machine."""

    async def asked(scope, receive, send):
        headers = [pair for pair in scope.get("headers", ()) if pair[0] != b"host"]
        headers.append((b"host", b"localhost"))
        await app({**scope, "headers": headers}, receive, send)

    return asked


def check_all(tmp_path, n, leave_out=None):
    """Every operation with so many requests; what they begin waits.

    It may answer 422 to what its description allows: options go with each other.
    """
    from schemathesis.specs.openapi import checks

    settings = ServiceSettings(tmp_path / "service")
    limits = dataclasses.replace(settings.limits, queue=10_000)
    service = Service(dataclasses.replace(settings, limits=limits))
    kept = [
        schemathesis.checks.not_a_server_error, checks.status_code_conformance,
        checks.content_type_conformance, checks.response_headers_conformance,
        checks.response_schema_conformance, checks.negative_data_rejection,
    ]  # fmt: skip
    schema = schemathesis.openapi.from_asgi("/openapi.json", as_local(service.app))
    if leave_out is not None:
        schema = schema.exclude(path_regex=leave_out)
    counts = {}

    def ask(case):
        counts[case.operation.label] = counts.get(case.operation.label, 0) + 1
        case.call_and_validate(checks=kept)

    try:
        for result in schema.get_all_operations():
            for mode in schemathesis.GenerationMode:
                cases = result.ok().as_strategy(generation_mode=mode)
                run = hypothesis.settings(
                    max_examples=n, deadline=None, database=None, derandomize=True,
                    suppress_health_check=list(hypothesis.HealthCheck),
                )(hypothesis.given(case=cases)(ask))  # fmt: skip
                with contextlib.suppress(hypothesis.errors.Unsatisfiable):
                    run()  # such as no request that GET /v1/health would forbid
    finally:
        service.stop(0)
    return counts


def test_answers_are_as_described(tmp_path):
    counts = check_all(tmp_path, QUICK, leave_out="comparisons")
    assert len(counts) == 9


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_answers_to_many_requests_are_as_described(tmp_path):
    counts = check_all(tmp_path, MANY)
    assert len(counts) == 16 and sum(counts.values()) > 1000
