import os
import pickle

import numpy as np
import pytest

from lr_finder.data.sources.pickles import Refused, read_pickle

PYTHON_2 = (  # pickle.dumps({"data": np.arange(3, dtype="u1")}, 2), by Python 2
    b"\x80\x02}q\x00U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\n"
    b"ndarray\nq\x03K\x00\x85U\x01b\x87Rq\x04(K\x01K\x03\x85cnumpy\ndtype\nq\x05U\x02u1"
    b"K\x00K\x01\x87Rq\x06(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
    b"U\x03\x00\x01\x02tbs."
)


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [2, 3, 4])  # as published files are
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="u1").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(4, dtype=">i8"),
        np.array(["a", "bc"]),
        np.array(3.5),
        np.zeros((0, 4)),
    ],
    ids=["bytes", "fortran", "big-endian", "text", "scalar", "empty"],
)
def test_arrays_come_back_as_numpy_reads_them(array, protocol):
    content = pickle.dumps({"data": array, "n": [1, 2]}, protocol)
    found, expected = read_pickle(content), pickle.loads(content)
    np.testing.assert_array_equal(found["data"], expected["data"])
    assert found["data"].dtype == expected["data"].dtype
    assert found["n"] == [1, 2]


def test_pickles_of_python_2_are_read():
    assert read_pickle(PYTHON_2)[b"data"].tolist() == [0, 1, 2]


def test_arrays_of_lists_are_read():
    array = np.empty(2, dtype=object)
    array[:] = [[1, 2, 3], [4]]
    found = read_pickle(pickle.dumps(array, 3))
    assert found.dtype == object and found.tolist() == [[1, 2, 3], [4]]


def test_a_malicious_pickle_is_refused_and_does_not_run(tmp_path):
    path = tmp_path / "made"
    hidden = np.empty(1, dtype=object)
    hidden[0] = Malicious(path)
    for harmful in (
        Malicious(path),
        [Malicious(path)],
        {"data": Malicious(path)},
        hidden,
    ):
        for protocol in range(5):
            with pytest.raises(Refused, match="which is no array|damaged"):
                read_pickle(pickle.dumps(harmful, protocol))
    assert not path.exists()
    pickle.loads(pickle.dumps(Malicious(path)))
    assert path.exists(), "the pickle does run where nothing refuses it"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"c__builtin__\ngetattr\n.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\n_reconstruct\n}(S'a'\nK\x01ub.",
        b"cnumpy\ndtype\n.",
        b"\x80\x02K\x01r\xff\xff\xff\xff",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
        PYTHON_2.replace(b"U\x03\x00\x01\x02", b"U\x02\x00\x01"),
        PYTHON_2.replace(b"K\x01K\x03\x85", b"K\x01J\xff\xff\xff\x7f\x85"),
        PYTHON_2.replace(b"u1", b"O8"),
        PYTHON_2[:-20],
    ],
)
def test_harmful_and_damaged_pickles_are_refused(content):
    with pytest.raises(Refused):
        read_pickle(content)
