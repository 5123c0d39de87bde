"""The patterns of a training: what each is called, means and asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

# The most telling first: what is wrong, then what is slow, then what is well.
DEFINITIONS = {
    "diverging": "a loss that is no finite number, a climb from the lowest level by "
    "the whole descent and 4 standard errors, or a jump at the start that lasts to "
    "the end",
    "over-fitting": "the validation loss ends 5 % and 4 standard errors above its "
    "lowest level while the training loss has fallen on by 10 %",
    "oscillating": "waves of 10 % of the descent or the loss in the last two thirds: "
    "one period holds 30 % of the variance around the trend, by more than chance, and "
    "no longer stretch repeats better, as batches in the same order do; or the curve "
    "turns at least twice, by 8 times its noise; or, with one loss an epoch, the "
    "training loss goes back and forth and follows the validation loss before it",
    "rate too high": "diverging, oscillating, or a climb by a quarter of the descent "
    "and 4 standard errors; a jump at the start: the first tenth above twice the "
    "first loss, by 5 standard deviations of the noise, or its highest loss by 6; a "
    "first epoch ten times above all others, which lie level; or losses that go back "
    "and forth from epoch to epoch, of validation by 2 % of the height of the picture, "
    "of training by 5 % of their own",
    "rate too low": "still falling in the last third, by at least 40 % as much as in "
    "the first, and not below half the loss at the start; or never fallen while the "
    "validation loss is steady: by less than 20 % in all, within 2 standard errors, "
    "and no faster at first than at last, or by less than 5 %, or by no more than its "
    "noise hides",
    "plateau": "neither climbing nor oscillating, and no fall in the last third by 3 % "
    "of the loss or a quarter of that in the first, after a fall before",
    "under-fitting": "levelled off above half the loss of a constant guess; or never "
    "fallen, though the validation loss goes back and forth by 0.3 %, so that the "
    "weights do move, or the first steps threw it off",
    "converging": "still falling in the last third, by 3 % of the loss or a quarter of "
    "the fall in the first, but less than 40 % of it, or to less than half the loss at "
    "the start",
}

RECOMMENDATIONS = {
    "converging": "Go on: it still falls. Lower the rate when it stops.",
    "plateau": "Lower the rate by 3 to 10 times, as ReduceLROnPlateau does; if that "
    "gains nothing, the training is done.",
    "rate too low": "Train longer, or raise the rate 3 to 10 times: at a good one the "
    "fall is steep first and slows down. A sweep shows how far it may go.",
    "diverging": "Start again from the weights before the climb with a rate 3 to 10 "
    "times lower, or with clipped gradients or a warm-up; look for bad samples where "
    "the loss is no finite number.",
    "rate too high": "Lower the rate 3 to 10 times, or let it decay.",
    "oscillating": "Lower the rate 2 to 3 times, or the momentum. If the period is "
    "that of an epoch, shuffle the data.",
    "over-fitting": "Keep the weights of the lowest validation loss (EarlyStopping "
    "with restore_best_weights); then more data, augmentation, weight decay, dropout "
    "or a smaller network.",
    "under-fitting": "A larger network, better inputs, less regularisation or another "
    "rate: a sweep tells whether the rate is at fault.",
}

# Where the evidence holds this, it asks for something else.
SPECIAL = {
    "none_finite": "Look for values in the data that are no finite numbers, then lower "
    "the rate 10 times: no loss is a number, not even the first.",
    "total_fall": "Raise the rate 10 times, or find one by a sweep. If the loss stands "
    "still at every rate, the rate is not at fault: there is nothing to learn (labels "
    "that do not belong to their inputs), the layers are frozen, or the model is "
    "trained already.",
    "jumped_to": "Start again from the first weights with a rate 10 times lower, or "
    "with a warm-up: the first steps threw the model far off. A sweep shows how high "
    "the rate may be.",
}


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One thing that a training shows.

    Args:
        name: str, a key of `DEFINITIONS`.
        evidence: mapping of str to float, the numbers that it was judged by.
        recommendation: str, what to do, in plain words.
    """

    name: str
    evidence: Mapping[str, float]
    recommendation: str

    @property
    def definition(self) -> str:
        """The rule that the evidence fulfils."""
        return DEFINITIONS[self.name]


def pattern_of(name: str, evidence: Mapping[str, float]) -> Pattern:
    """A pattern with what its evidence asks for.

    Args:
        name: str, a key of `DEFINITIONS`.
        evidence: mapping of str to float.

    Returns:
        Pattern.

    Example:
    >>> pattern_of("converging", {}).recommendation
    'Go on: it still falls. Lower the rate when it stops.'
    """
    special = [text for key, text in SPECIAL.items() if key in evidence]
    return Pattern(name, evidence, special[0] if special else RECOMMENDATIONS[name])
