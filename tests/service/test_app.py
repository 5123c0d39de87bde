"""The API as its users meet it; jobs are done by a process without Keras."""

import json

import pytest

from .conftest import LOCAL, TABLE, Client
from .fake_worker import ABORT, EXIT, FAULT, FOR_EVER, NO_RATE

CURVE = {
    "learning_rates": [10 ** (i / 10 - 6) for i in range(70)],
    "losses": [2 / (1 + 10 ** (i / 10 - 3)) + 10 ** (i / 5 - 12) for i in range(70)],
    "optimizer": "adam",
}


def test_health_tells_how_many_jobs_wait(waiting):
    waiting.begin()
    told = waiting.get("/v1/health").json()
    assert (told["status"], told["queued"], told["running"]) == ("ok", 1, 0)


@pytest.mark.parametrize("kind", ["findings", "comparisons"])
def test_a_job_is_done_and_its_files_are_there(client, kind):
    answer = client.begin(7, kind)
    place = answer.headers["location"]
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert place == f"/v1/{kind}/{answer.json()['id']}"
    told = client.until(place, "done")
    assert told["result"] == {"lr": 7, "name": "prices.csv"}
    assert told["created"] <= told["started"] <= told["ended"]
    assert told["options"]["steps"] == 200
    table = "sweep.csv" if kind == "findings" else "runs.csv"
    assert set(told["files"]) == {"report.html", "figure.png", table}
    for address in told["files"].values():
        sent = client.get(address)
        assert (sent.status_code, len(sent.content)) == (200, 1000)
    policy = client.get(f"{place}/report").headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert not list(client.service.folders.folder.glob("*/sent"))  # not needed any more


def test_a_job_is_found_under_its_kind_alone(waiting):
    identity = waiting.begin().json()["id"]
    assert waiting.get(f"/v1/findings/{identity}").status_code == 200
    for path in (f"comparisons/{identity}", f"findings/{identity}x", "findings/.."):
        assert waiting.get(f"/v1/{path}").status_code == 404, path


@pytest.mark.parametrize(
    ("seed", "kind", "words"),
    [
        (FAULT, "InputError", "no rows"),
        (EXIT, "ProcessDied", "code 3"),
        (ABORT, "ProcessDied", "signal 6"),
        (NO_RATE, "SuggestionError", "flat"),
    ],
)
def test_a_job_that_fails_says_why(client, seed, kind, words):
    told = client.until(client.begin(seed).headers["location"], "failed")
    assert told["error"]["type"] == kind and words in told["error"]["message"]
    assert bool(told["files"]) == (seed == NO_RATE)  # whose curve is worth a look


def test_files_are_asked_for_too_early(waiting):
    place = waiting.begin().headers["location"]
    answer = waiting.get(f"{place}/report")
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "5")


def test_a_job_that_runs_tells_how_far_it_is_and_can_be_cancelled(client):
    place = client.begin(FOR_EVER).headers["location"]
    client.until(place, "running")
    while client.get(place).json()["progress"] is None:
        pass
    assert client.get(place).json()["progress"]["stage"] == "sweep"
    assert client.delete(place).status_code == 200
    told = client.until(place, "cancelled")
    assert told["files"] == {} and told["progress"] is None
    assert client.delete(place).json()["state"] == "cancelled"  # and now it is removed
    assert client.get(place).status_code == 404
    assert list(client.service.folders.folder.iterdir()) == []


def test_a_job_that_waits_can_be_cancelled(waiting):
    place = waiting.begin().headers["location"]
    assert waiting.delete(place).json()["state"] == "cancelled"
    assert waiting.service.store.claim() is None


def test_a_list_has_pages(waiting):
    made = [waiting.begin().json()["id"] for _ in range(5)]
    first = waiting.get("/v1/findings?limit=3&state=queued").json()
    rest = waiting.get(f"/v1/findings?limit=3&before={first['next']}").json()
    assert [job["id"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
    assert rest["next"] is None
    assert waiting.get("/v1/findings?state=done").json()["jobs"] == []
    assert waiting.get("/v1/comparisons").json()["jobs"] == []


def test_more_jobs_than_may_wait_are_refused(opened, fake):
    client = Client(opened(limits={"queue": 2}))
    codes = [client.begin().status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    assert len(list(client.service.folders.folder.iterdir())) == 2


def test_no_more_is_stored_than_may(opened, fake):
    client = Client(opened(limits={"stored": 100}))
    codes = [client.begin().status_code for _ in range(2)]
    assert codes == [202, 503]


def test_a_late_job_is_ended(opened, fake):
    client = Client(opened(is_started=True, limits={"seconds": 1}))
    told = client.until(client.begin(FOR_EVER).headers["location"], "failed")
    assert told["error"]["type"] == "OutOfTime"


@pytest.mark.parametrize("jobs", [1, 3])
def test_so_many_jobs_run_at_a_time(opened, fake, jobs):
    client = Client(opened(is_started=True, limits={"jobs": jobs}))
    for _ in range(4):
        client.begin(FOR_EVER)
    place = "/v1/findings?state=running"
    while len(running := client.get(place).json()["jobs"]) < jobs:
        pass
    assert len(running) == jobs


def test_a_suggestion_is_that_of_the_command(suggesting, command, tmp_path):
    rows = zip(CURVE["learning_rates"], CURVE["losses"], strict=True)
    table = "lr,loss\n" + "".join(f"{lr!r},{loss!r}\n" for lr, loss in rows)
    path = tmp_path / "curve.csv"
    path.write_text(table)
    told = command("suggest", path, "--optimizer", "adam", "--json").json
    for answer in (
        suggesting.post("/v1/suggestions", json=CURVE),
        suggesting.post(
            "/v1/suggestions?optimizer=adam",
            content=table,
            headers={"content-type": "text/csv"},
        ),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.json() == told["suggestion"] | {"notes": told["notes"]}
    flat = tmp_path / "flat.csv"
    flat.write_text(table.partition("\n")[0] + "\n0.1,1\n0.2,1\n")
    refused = suggesting.post(
        "/v1/suggestions", json={"learning_rates": [0.1, 0.2], "losses": [1, 1]}
    )
    assert refused.status_code == 422
    assert refused.json()["error"] == command("suggest", flat, "--json").json["error"]


BAD_CURVES = {
    "no JSON": (b"{", "must be JSON"),
    "no UTF-8": (b'{"learning_rates": "\xff"}', "must be JSON"),
    "nesting": (b"[" * 100_000, "must be JSON"),
    "an array": (b"[1]", "dictionary"),
    "an unknown name": (b'{"learning_rates": [], "losses": [], "lr": 1}', "`lr`"),
    "text for a number": (b'{"learning_rates": ["1"], "losses": [1]}', "rates.0"),
    "a name that is missing": (b'{"losses": [1]}', "`learning_rates`"),
    "other lengths": (b'{"learning_rates": [1, 2], "losses": [1]}', "same length"),
    "nothing": (b'{"learning_rates": [], "losses": []}', "must hold numbers"),
    "a rate below 0": (b'{"learning_rates": [-1], "losses": [1]}', "-1.0"),
    "a rate of NaN": (b'{"learning_rates": [NaN], "losses": [1]}', "positive"),
    "no finite loss": (b'{"learning_rates": [1], "losses": [null]}', "finite"),
    "no rule": (b'{"learning_rates": [1], "losses": [1], "method": "x"}', "`method`"),
    "no optimizer": (
        b'{"learning_rates": [1], "losses": [1], "optimizer": "x"}',
        "`optimizer`",
    ),
    "many names": (
        json.dumps({f"k{i}": i for i in range(1000)}).encode(),
        "at most 100",
    ),
}


@pytest.mark.parametrize("name", BAD_CURVES)
def test_a_bad_curve_is_refused_in_words(suggesting, name):
    content, words = BAD_CURVES[name]
    answer = suggesting.post(
        "/v1/suggestions", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["error"]["message"]


def test_a_curve_may_end_in_numbers_that_are_not_finite(suggesting):
    losses = [*CURVE["losses"][:-2], float("nan"), float("inf")]
    body = json.dumps(CURVE | {"losses": losses})
    answer = suggesting.post(
        "/v1/suggestions", content=body, headers={"content-type": "application/json"}
    )
    assert answer.json()["notes"] == ["2 of 70 losses left out: not finite"]


def test_columns_of_a_table_can_be_named(suggesting):
    rows = zip(CURVE["learning_rates"], CURVE["losses"], strict=True)
    table = "eta,cost\n" + "".join(f"{lr},{loss}\n" for lr, loss in rows)
    headers = {"content-type": "text/csv"}
    bare = suggesting.post("/v1/suggestions", content=table, headers=headers)
    assert "`lr_column`" in bare.json()["error"]["message"]
    named = suggesting.post(
        "/v1/suggestions?lr_column=eta&loss_column=cost", content=table, headers=headers
    )
    assert named.status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"lr,loss", "application/pdf", 415),
        (b"\x1f\x8b\x08" + bytes(9), "text/csv", 422),
        (b"lr,loss\n" + b"1,1\n" * 20_001, "text/csv", 422),
        (b"x" * (2**20 + 1), "text/csv", 413),
    ],
)
def test_other_bodies_are_refused(suggesting, content, kind, code):
    answer = suggesting.post(
        "/v1/suggestions", content=content, headers={"content-type": kind}
    )
    assert answer.status_code == code


FORMS = {
    "no form": ({"content": TABLE, "headers": {"content-type": "text/csv"}}, 415),
    "no file": ({"files": {"options": (None, "{}")}}, 422),
    "another part": ({"files": {"file": TABLE, "code": b"1"}}, 422),
    "a file that is text": ({"files": {"file": (None, "a,b")}}, 422),
    "two files": ({"files": [("file", TABLE), ("file", TABLE)]}, 422),
    "an empty file": ({"files": {"file": b""}}, 422),
    "a model": ({"files": {"file": TABLE, "model": b"1"}}, 422),
    "options that are no JSON": (
        {"files": {"file": TABLE, "options": (None, "{")}},
        422,
    ),
    "a broken form": (
        {
            "content": b"--x\r\nab",
            "headers": {"content-type": "multipart/form-data; boundary=x"},
        },
        422,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_other_forms_are_refused(waiting, name):
    given, code = FORMS[name]
    answer = waiting.post("/v1/findings", **given)
    assert (answer.status_code, set(answer.json())) == (code, {"error"})
    assert list(waiting.service.folders.folder.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"model": "file.py:build"}, {"data_dir": "/"}, {"source": "cifar10"},
        {"steps": 9}, {"steps": "100"}, {"steps": 100.5}, {"steps": True},
        {"loss": "os.system"}, {"optimizer": "x" * 300}, {"seed": -1},
        {"start_lr": 0}, {"method": "best"}, {"schedule": "mine"}, {"window": 0},
    ],
    ids=str,
)  # fmt: skip
def test_other_options_are_refused(waiting, options):
    answer = waiting.begin(**{"seed": 0, **options})
    assert answer.status_code == 422
    assert f"`{next(iter(options))}`" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("findings", {"start_lr": 1.0, "end_lr": 0.1}, "`start_lr` must be less"),
        ("findings", {"schedule": "wsd"}, "`schedule` must come with `train`"),
        ("findings", {"budget_steps": 99}, "`budget_steps` must come with `verify`"),
        ("findings", {"kind": "text", "window": 3}, "`window` does not go with"),
        ("findings", {"optimizer": "sdg"}, "`optimizer` must be one of"),
        ("findings", {"encoding": "none"}, "`encoding` must be an encoding"),
        ("findings", {"date_format": "day"}, "`date_format` must be a format"),
        ("comparisons", {"optimizers": ["adam", "adam"]}, "each once"),
        (
            "comparisons",
            {"optimizers": ["os.system('x')"]},
            "`optimizer` must be a name",
        ),
        (
            "comparisons",
            {"schedule": "wsd", "reduce_on_plateau": True},
            "must not both",
        ),
    ],
    ids=str,
)
def test_options_that_do_not_go_with_each_other_are_refused(
    waiting, kind, options, words
):
    """In the words of the library, before a job is taken."""
    answer = waiting.begin(to=kind, **options)
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


def test_a_comparison_takes_no_code_either(waiting):
    answer = waiting.begin(to="comparisons", models=["file.py:build"])
    assert answer.status_code == 422
    assert waiting.begin(to="comparisons", models=["mlp"]).status_code == 202


def test_the_page_of_documentation_names_no_other_host(suggesting):
    page = suggesting.get("/docs")
    assert page.status_code == 200 and "http" not in page.text.replace(LOCAL, "")
    found = suggesting.get("/openapi.json").json()
    assert set(found["paths"]) >= {"/v1/suggestions", "/v1/findings/{identity}"}
    body = found["paths"]["/v1/suggestions"]["post"]["requestBody"]["content"]
    for kind, told in body.items():
        content = told["example"]
        content = content if isinstance(content, str) else json.dumps(content)
        answer = suggesting.post(
            "/v1/suggestions", content=content, headers={"content-type": kind}
        )
        assert answer.status_code == 200, answer.text
