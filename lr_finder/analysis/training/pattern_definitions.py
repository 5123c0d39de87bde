"""The patterns of a training: what each is called, means and asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

# The most telling first: what is wrong, then what is slow, then what is well.
# A level is the median of a tenth of the losses: the start is the first of them, the
# end the last.
DEFINITIONS = {
    "diverging": "The loss is no finite number any more. Or it has climbed from its "
    "lowest level by more than it had come down from the start, and by more than 4 "
    "standard errors. Or the first steps threw it to more than 2 times the first loss, "
    "and it has stayed there to the end.",
    "over-fitting": "The validation loss ends more than 5 %, and more than 4 standard "
    "errors, above its lowest level, while the training loss has fallen on by more "
    "than 10 % since then.",
    "oscillating": "In the last two thirds of the training the loss goes up and down "
    "in waves of 10 % of what it has come down (or of the loss, if that is more). "
    "Either the waves have one period, which explains more than 30 % of the "
    "variance around the trend, with p < 0.01. Or the loss turns at least 2 times, "
    "each time by 8 times its noise. Or there is one training loss for each epoch, and "
    "it swings with the validation loss, with a correlation above 0.5. Batches that "
    "come in the same order in every epoch are no waves.",
    "rate too high": "The loss diverges or oscillates. Or it has climbed from its "
    "lowest level by more than 25 % of what it had come down from the start, and by "
    "more than 4 standard errors. Or the first steps threw it to more than 2 times the "
    "first loss, by more than 5 times its noise, or a single loss by 6. Or the "
    "first epoch lies 10 times above all others, which are level. Or losses go back "
    "and forth from epoch to epoch: of validation by more than 2 % of the highest "
    "loss, of training by more than 5 % of the loss itself.",
    "rate too low": "The loss still falls at the end nearly as fast as at first: in "
    "the last third by at least 40 % of its fall in the first third, and the end is "
    "above half the start. Or it has hardly fallen at all, while the validation loss "
    "goes back and forth by no more than 0.3 %. Hardly means: by less than 20 % and no "
    "faster at first than at last, by less than 5 %, or by no more than its noise "
    "hides.",
    "plateau": "The loss fell and then levelled off, and neither climbs nor goes up "
    "and down. Levelled off means: in the last third it falls by less than 3 % of the "
    "end and by less than 25 % of its fall in the first third, or by no more than its "
    "noise hides.",
    "under-fitting": "The loss has levelled off above half the loss of the best "
    "constant guess. Or it has hardly fallen though the weights do move: the "
    "validation loss goes back and forth by more than 0.3 %, or the first steps threw "
    "the loss far off.",
    "converging": "The loss still falls at the end: in the last third by at least 3 % "
    "of the end, or by at least 25 % of its fall in the first third. But it has slowed "
    "down, to less than 40 % of that fall, or it has come down below half the start.",
}

RECOMMENDATIONS = {
    "converging": "Go on: the loss still falls. Lower the rate when it stops.",
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
    "validation_gain": "Stop here, and keep the weights of the lowest validation loss: "
    "only the training loss still falls. More data, augmentation, weight decay or "
    "dropout may let the validation loss fall on.",
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
    'Go on: the loss still falls. Lower the rate when it stops.'
    """
    special = [text for key, text in SPECIAL.items() if key in evidence]
    return Pattern(name, evidence, special[0] if special else RECOMMENDATIONS[name])
