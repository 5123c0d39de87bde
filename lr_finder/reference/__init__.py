"""Optimizers and networks from scratch, to be read. NumPy only.

Every update rule is a function `(parameters, gradients, state=None, **hyperparameters)
-> (parameters, state)` on dicts of arrays, and makes the steps of Keras' optimizer.
"""

from lr_finder.reference.adam import (
    adam,
    amsgrad,
    initialize_adam,
    update_parameters_with_adam,
)
from lr_finder.reference.adam_variants import adamax, adamw, nadam
from lr_finder.reference.adaptive import adadelta, adagrad, rmsprop
from lr_finder.reference.decay import (
    decay_weights,
    l2_gradients,
    schedule_lr_decay,
    update_lr,
)
from lr_finder.reference.descent import momentum, nesterov, sgd
from lr_finder.reference.logistic import (
    logistic_curvature,
    logistic_loss_and_gradients,
)
from lr_finder.reference.lookup import UPDATE_RULES, rule
from lr_finder.reference.minimizing import (
    Descent,
    Step,
    batches_of,
    minimize,
    steps_of,
)
from lr_finder.reference.network import Network
from lr_finder.reference.newer import lion, muon, schedule_free_sgd

__all__ = [
    "UPDATE_RULES",
    "Descent",
    "Network",
    "Step",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "amsgrad",
    "batches_of",
    "decay_weights",
    "initialize_adam",
    "l2_gradients",
    "lion",
    "logistic_curvature",
    "logistic_loss_and_gradients",
    "minimize",
    "momentum",
    "muon",
    "nadam",
    "nesterov",
    "rmsprop",
    "rule",
    "schedule_free_sgd",
    "schedule_lr_decay",
    "sgd",
    "steps_of",
    "update_lr",
    "update_parameters_with_adam",
]
