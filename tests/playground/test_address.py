"""The address holds every state of every panel, and survives nonsense."""

import pytest

PANELS = """
const {makePanels} = modules["panels/all.js"];
const own = [{name: "mine"}, {name: "other"}];
const cases = Array.from({length: 15}, () => ({optimizer: "Adam", what: "something"}));
const panels = makePanels({cases, own, docs: null});
const {readValues, writeAddress, splitAddress, initialValues} =
  modules["page/address.js"];
const panel = (id) => panels.find((each) => each.id === id);
"""
IDS = """
one_weight loss_surface own_rate momentum adaptive batch_size schedules small_network
range_test glance
""".split()


def test_there_are_ten_panels_in_order(engine):
    assert engine(PANELS + "return panels.map(({id}) => id);") == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_panel_says_what_it_must(engine, name):
    code = PANELS + "const {question, insight, terms, tries} = panel(name);"
    code += "return {question, insight, terms, tries};"
    told = engine(code, name=name)
    assert told["question"].endswith("?")
    assert told["insight"].endswith(".") and told["terms"]
    assert len(told["tries"]) >= 3 or name == "glance"


@pytest.mark.parametrize("name", IDS)
def test_the_first_state_needs_nothing_in_the_address(engine, name):
    code = PANELS + "const {id, fields} = panel(name);"
    code += "return writeAddress(id, fields, initialValues(fields));"
    assert engine(code, name=name) == f"#{name}"


@pytest.mark.parametrize("name", IDS)
def test_what_may_be_tried_comes_back_from_its_address(engine, name):
    code = (
        PANELS
        + """
    const {id, fields, tries} = panel(name);
    return (tries ?? []).map(({set}) => {
      const values = {...initialValues(fields), ...set};
      const {panel, text} = splitAddress(writeAddress(id, fields, values));
      return [panel === id, values, readValues(fields, text),
        Object.keys(set).every((key) => fields.some((field) => field.key === key))];
    });
    """
    )
    for is_same, values, found, is_known in engine(code, name=name):
        assert is_same and is_known and found == values


@pytest.mark.parametrize(
    "name, text, expected",
    [
        ("one_weight", "rate=0.5&step=3", {"rate": 0.5, "step": 3}),
        ("one_weight", "rate=1e9&step=-4", {"rate": 10, "step": 0}),
        ("one_weight", "rate=%&step=3.4&start=%2D1", {"step": 3, "start": -1}),
        ("one_weight", "rate=fast&curvature=&nothing=1", {"rate": 0.3, "curvature": 1}),
        (
            "loss_surface",
            "surface=toString&shown=adam,x,sgd",
            {"shown": ["adam", "sgd"]},
        ),
        ("loss_surface", "from=1,2,3&rates=one", {"from": None, "rates": "one"}),
        ("loss_surface", "from=-99,2", {"from": [-10, 2]}),
        ("loss_surface", "shown=none", {"shown": []}),
        ("small_network", "lambda=0&fit=-1", {"lambda": 0, "fit": 0}),
        ("schedules", "own=0,1,2,0,0,0,0,0,-1", {"own": [0, 1, 1, 0, 0, 0, 0, 0, 0]}),
        ("schedules", "fair=0&noise=0", {"fair": False, "noise": 0}),
        ("range_test", "answers=0:0.01,3:1e-4", {"answers": [[0, 0.01], [3, 1e-4]]}),
        ("range_test", "answers=99:0.01", {"answers": []}),
        ("range_test", "answers=<b>&case=__proto__", {"answers": [], "case": "0"}),
    ],
)
def test_an_address_is_read_with_care(engine, name, text, expected):
    code = PANELS + "return readValues(panel(name).fields, text);"
    found = engine(code, name=name, text=text)
    assert {key: found[key] for key in expected} == expected


def test_numbers_in_the_address_have_no_grouping(engine):
    code = PANELS + "const {id, fields} = panel('range_test');"
    code += "return writeAddress(id, fields, {...initialValues(fields), guess: 1e-7,"
    code += " answers: [[2, 0.5]]});"
    assert engine(code) == "#range_test?guess=1e-7&answers=2:0.5"
