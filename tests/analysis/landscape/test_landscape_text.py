"""Sentences for each kind of landscape and each case."""

import pytest

from lr_finder.analysis.landscape.landscape_text import headline, sentences

PLANE = {
    "kind": "random", "directions": 2, "loss": 0.5, "end_loss": None,
    "points": [5, 5], "spans": [[-1.0, 1.0], [-1.0, 1.0]], "not_finite": 0,
    "lowest": {"loss": 0.5, "at": [0.0, 0.0]}, "doubles_at": [0.25, None],
    "barrier": None, "shares": None,
}  # fmt: skip
LINE = {"directions": 1, "points": [5], "spans": [[-1.0, 1.0]], "doubles_at": [0.25]}
BETWEEN = LINE | {
    "kind": "between", "end_loss": 0.7, "barrier": {"height": 1.25, "at": 0.4}
}  # fmt: skip


@pytest.mark.parametrize(
    "change, said",
    [
        ({}, "first random direction the loss of 0.5 doubles at a distance of 0.25, "
             "along the second it does not double, in lengths of the weights."),
        ({"doubles_at": [None, None]}, "Along both directions the loss of 0.5 does not "
                                       "double within 1, in lengths"),
        ({"loss": 0.0}, "The loss at the model is 0: it cannot double"),
        (LINE, "Along the random direction the loss of 0.5 doubles at a distance of"),
        (LINE | {"kind": "given"}, "Along the given direction .*lengths of the direct"),
        (BETWEEN, "losses 0.5 and 0.7. the loss rises 1.25 above the line between "
                  "theirs, at 0.4 of the way: a barrier."),
        (BETWEEN | {"barrier": {"height": 0.01, "at": 0.4}}, "rise above.*no barrier"),
        (BETWEEN | {"barrier": {"height": None, "at": 0.4}}, "not finite at 0.4 of"),
        ({"kind": "principal", "shares": [0.8, 0.13]},
         "hold 93 % of the training's movement .80 % and 13 %.; of a long random "
         "walk's they would hold 76 %."),
        (LINE | {"kind": "principal", "shares": [0.8]},
         "One principal direction holds 80 %.*it would hold 61 %."),
    ],
)  # fmt: skip
def test_the_first_sentence(change, said):
    import re

    assert re.search(said, sentences(PLANE | change)[0])


@pytest.mark.parametrize(
    "change, said",
    [
        ({}, "No point of the plane has a lower loss than the model."),
        (LINE, "No point of the line has a lower loss than the model."),
        ({"lowest": {"loss": 0.2, "at": [0.5, -1.0]}},
         "The lowest loss is 0.2, at (0.5, -1), and that of the model 0.5: along this "
         "plane the model is not at a minimum."),
        ({"not_finite": 3}, "The loss is not finite at 3 of 25 points."),
    ],
)  # fmt: skip
def test_further_sentences(change, said):
    assert said in sentences(PLANE | change)[1:]


@pytest.mark.parametrize(
    "change, said",
    [
        ({}, "The loss of 0.5 doubles at a distance of 0.25"),
        ({"doubles_at": [None, None]}, "The loss of 0.5 does not double within 1"),
        ({"loss": -1.0}, "The loss at the model is -1"),
        (BETWEEN, "A barrier of 1.25 between two solutions of loss 0.5 and 0.7"),
        (BETWEEN | {"barrier": {"height": 0.0, "at": 0.0}},
         "No barrier between two solutions of loss 0.5 and 0.7"),
        ({"kind": "principal", "shares": [0.8, 0.13]},
         "Two principal directions hold 93 % of the training's movement"),
    ],
)  # fmt: skip
def test_the_headline(change, said):
    assert headline(PLANE | change) == said


def test_a_distance_below_the_spacing_of_the_points_says_how_to_see_it():
    told = PLANE | {"points": [9], "spans": [[-1.0, 1.0]], "doubles_at": [0.073]}
    said = sentences(told | {"directions": 1})[1]
    assert "nearer than the points next to the model, at 0.25" in said
    assert said.endswith("measure to a distance of 0.3.")
    for at in (0.25, 0.4, None):
        others = sentences(told | {"directions": 1, "doubles_at": [at]})
        assert not any("nearer" in each for each in others)
