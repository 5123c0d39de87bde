"""The name of the device, and batches that cannot be shared out."""

import types

import keras
import pytest

from lr_finder.errors import InputError
from lr_finder.training.stepping import devices
from lr_finder.training.stepping.devices import (
    check_batch_size,
    device_name,
    training_scope,
)

pytestmark = pytest.mark.training

BACKEND = keras.backend.backend()


def test_a_model_on_the_processor_says_so():
    with keras.device("cpu:0"):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    assert device_name(model) == "CPU"


@pytest.mark.parametrize(
    "names, expected",
    [
        (["CPU"], "CPU"),
        (["CPU", "CPU"], "2 × CPU"),
        (["GPU: NVIDIA H200"], "GPU: NVIDIA H200"),
        (["GPU: NVIDIA H200"] * 4, "4 × GPU: NVIDIA H200"),
        (["GPU: B", "CPU", "GPU: B"], "CPU, 2 × GPU: B"),
    ],
)
def test_several_devices_are_counted(monkeypatch, names, expected):
    monkeypatch.setitem(devices._NAMES, BACKEND, lambda variable: names)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    assert device_name(model) == expected


@pytest.mark.parametrize(
    "platform, kind, expected",
    [
        ("cpu", "cpu", "CPU"),
        ("GPU", "NVIDIA H200", "GPU: NVIDIA H200"),
        ("cuda", "NVIDIA H200", "GPU: NVIDIA H200"),
        ("GPU", None, "GPU"),
        ("tpu", "TPU v4", "TPU: TPU v4"),
        ("mps", None, "MPS"),
    ],
)
def test_a_gpu_has_the_same_name_under_every_backend(platform, kind, expected):
    assert devices._label(platform, kind) == expected


class OnDevice:
    """A variable that says it is elsewhere."""

    def __init__(self, value):
        self.value = value


@pytest.mark.skipif(BACKEND != "tensorflow", reason="devices of TensorFlow")
def test_the_gpu_of_tensorflow_by_its_details(monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a", "b"])
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda gpu: {"a": {}, "b": {"device_name": "NVIDIA H200"}}[gpu],
    )
    place = "/job:localhost/replica:0/task:0/device:GPU:{}"
    parts = [types.SimpleNamespace(device=place.format(i)) for i in (0, 1, 2)]
    monkeypatch.setattr(devices, "replicas", lambda variable: parts)
    assert devices._tensorflow_names(None) == ["GPU", "GPU: NVIDIA H200", "GPU"]


@pytest.mark.skipif(BACKEND != "jax", reason="devices of JAX")
def test_the_gpu_of_jax_by_its_kind():
    device = types.SimpleNamespace(platform="gpu", device_kind="NVIDIA H200")
    array = types.SimpleNamespace(devices=lambda: [device])
    assert devices._jax_names(OnDevice(array)) == ["GPU: NVIDIA H200"]


@pytest.mark.skipif(BACKEND != "torch", reason="devices of torch")
def test_the_gpu_of_torch_by_its_name(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")
    tensor = types.SimpleNamespace(device=torch.device("cuda:0"))
    assert devices._torch_names(OnDevice(tensor)) == ["GPU: NVIDIA H200"]


def test_one_device_takes_any_batch():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    for batch_size in (1, 31, None):
        check_batch_size(model, batch_size)
    with training_scope(model):
        pass


@pytest.mark.parametrize("batch_size, way_out", [(31, 30), (1, 2), (5, 4)])
def test_a_batch_that_cannot_be_shared_out_is_refused(monkeypatch, batch_size, way_out):
    monkeypatch.setattr(devices, "_count_of_parts", lambda model: 2)
    check_batch_size(None, 32)
    words = f"`batch_size`.*multiple.*{batch_size} with 2 .*batch_size={way_out},"
    with pytest.raises(InputError, match=words):
        check_batch_size(None, batch_size)
