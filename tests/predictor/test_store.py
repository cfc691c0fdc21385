"""Models survive the disk; files that are none, or no more, are refused in one line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansatzlint.errors import AnsatzlintError
from ansatzlint.predictor import store
from ansatzlint.predictor.regressor import PlateauClassifier, TrainabilityRegressor

NAMES = ("qubits", "depth", "belief")


def _table(rows: int = 240) -> np.ndarray:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(rows, 3))
    table[rng.random(table.shape) < 0.1] = np.nan
    return table


@pytest.fixture(scope="module")
def models() -> dict[str, TrainabilityRegressor | PlateauClassifier]:
    table = _table()
    label = np.nan_to_num(table[:, 0]) + np.nan_to_num(table[:, 2])
    regressor = TrainabilityRegressor(iterations=20, feature_names=NAMES, offset=("belief",), bounds=(-9.0, 9.0))
    classifier = PlateauClassifier(iterations=10, feature_names=NAMES)
    return {"largest": regressor.fit(table, label), "barren": classifier.fit(table, label > 0)}


@pytest.fixture
def file(models, tmp_path: Path) -> Path:
    path = tmp_path / "gradients.npz"
    store.save(path, models, names=NAMES, version=3, about={"seed": 7})
    return path


def test_models_answer_as_before(models, file) -> None:
    stored = store.load(file)
    table = _table()
    regressor, classifier = models["largest"], models["barren"]
    np.testing.assert_allclose(stored.models["largest"].predict(table), regressor.predict(table), atol=1e-12)
    for again, before in zip(
        stored.models["largest"].predict_interval(table), regressor.predict_interval(table), strict=True
    ):
        np.testing.assert_allclose(again, before, atol=1e-12)
    np.testing.assert_allclose(stored.models["barren"].predict_proba(table), classifier.predict_proba(table))
    far = np.array([99.0, 0.0, np.nan])
    assert stored.models["largest"].outside(far) == regressor.domain_.outside(far) != ()


def test_what_was_written_beside_comes_back(file) -> None:
    stored = store.load(file, names=NAMES, version=3)
    assert (stored.names, stored.version, stored.about) == (NAMES, 3, {"seed": 7})


def test_the_same_models_give_the_same_bytes(models, file, tmp_path) -> None:
    again = tmp_path / "again.npz"
    digest = store.save(again, models, names=NAMES, version=3, about={"seed": 7})
    assert again.read_bytes() == file.read_bytes()
    assert digest == store.load(file).sha256


def _refused(path: Path, **wanted) -> str:
    with pytest.raises(AnsatzlintError) as caught:
        store.load(path, **wanted)
    text = str(caught.value)
    assert "\n" not in text
    assert path.as_posix() in text
    return text


def test_features_of_another_version_are_refused(file) -> None:
    text = _refused(file, version=4)
    assert "features of version 3, these are 4" in text
    assert "ansatzlint predictor fit" in text


@pytest.mark.parametrize("names", [("qubits", "depth", "other"), ("depth", "qubits", "belief"), ("qubits",)])
def test_other_features_are_refused(file, names) -> None:
    assert "fitted on other features" in _refused(file, names=names)


def _rewritten(file: Path, change) -> None:
    with np.load(file) as archive:
        arrays = dict(archive)
    change(arrays)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    file.write_bytes(buffer.getvalue())


def _with_page(arrays: dict[str, np.ndarray], **change) -> None:
    page = json.loads(arrays["metadata"].tobytes()) | change
    arrays["metadata"] = np.frombuffer(json.dumps(page, sort_keys=True).encode(), dtype=np.uint8)


def _resealed(arrays: dict[str, np.ndarray]) -> None:
    arrays.pop("sha256")
    arrays["sha256"] = np.frombuffer(bytes.fromhex(store._digest(arrays)), dtype=np.uint8)


def test_another_format_is_refused(file) -> None:
    _rewritten(file, lambda arrays: _with_page(arrays, format=99))
    assert "has the format 99" in _refused(file)


def test_a_changed_number_is_found(file) -> None:
    def change(arrays):
        arrays["largest/scores"] = arrays["largest/scores"] * 0.5

    _rewritten(file, change)
    assert "does not match its digest" in _refused(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("largest/centre.feature", np.zeros(5, np.int16)),
        ("largest/centre.baseline", np.array(np.nan)),
        ("largest/bounds", np.array([1.0, 0.0])),
        ("largest/scores", np.full(100, -1.0)),
        ("largest/offset", np.array([17])),
        ("largest/ceiling", np.array([-1])),
        ("largest/domain.columns", np.array([8])),
        ("barren/calibration", np.array([-1.0, 0.0])),
        ("barren/odds.edge", np.array([10**6])),
    ],
)
def test_arrays_that_are_no_model_are_refused_under_a_true_digest(file, name, value) -> None:
    def change(arrays):
        arrays[name] = value
        _resealed(arrays)

    _rewritten(file, change)
    assert "holds no model" in _refused(file)


@pytest.mark.parametrize(
    "page", [{"models": 3}, {"models": {"largest": "pickle"}}, {"models": {"other": "interval"}}, {"features": 1}]
)
def test_a_page_that_cannot_be_meant_is_refused_under_a_true_digest(file, page) -> None:
    def change(arrays):
        _with_page(arrays, **page)
        _resealed(arrays)

    _rewritten(file, change)
    assert "holds no model" in _refused(file)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 0.999), flip=st.floats(0, 0.999), bit=st.integers(0, 7), truncate=st.booleans())
def test_damage_gives_a_word_or_does_no_harm(models, file, cut, flip, bit, truncate) -> None:
    whole = bytearray(file.read_bytes())
    try:
        damaged = bytearray(whole)
        if truncate:
            del damaged[int(cut * len(damaged)) :]
        else:
            damaged[int(flip * len(damaged))] ^= 1 << bit
        file.write_bytes(damaged)
        try:
            stored = store.load(file)
        except AnsatzlintError:
            return
        table = _table(5)
        np.testing.assert_array_equal(stored.models["largest"].predict(table), models["largest"].predict(table))
        assert not truncate
    finally:
        file.write_bytes(whole)


def test_text_is_no_model(tmp_path) -> None:
    path = tmp_path / "model.npz"
    path.write_text("OPENQASM 3.0;")
    assert "no model file" in _refused(path)


def test_a_missing_file_is_said(tmp_path) -> None:
    assert "no such file" in _refused(tmp_path / "none.npz")


def test_pickled_objects_are_refused(tmp_path) -> None:
    path = tmp_path / "model.npz"
    np.savez(path, metadata=np.array([{"format": 1}], dtype=object))
    assert "object" in _refused(path)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(tmp_path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.npy", bytes(store.LARGEST + 1))
    assert path.stat().st_size < 2**20
    assert "unpacks to more than" in _refused(path)


def test_a_header_that_claims_more_than_there_is_allocates_nothing(tmp_path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    path = tmp_path / "model.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.npy", header.getvalue())
    assert "cut off" in _refused(path)


@pytest.mark.parametrize("models_", [{"x": 3}, {"x": TrainabilityRegressor()}])
def test_what_is_no_fitted_model_is_not_saved(tmp_path, models_) -> None:
    with pytest.raises(ValueError, match="no fitted model"):
        store.save(tmp_path / "model.npz", models_, names=NAMES, version=1)


def test_models_of_other_features_are_not_saved(models, tmp_path) -> None:
    with pytest.raises(ValueError, match="other features"):
        store.save(tmp_path / "model.npz", models, names=("a", "b", "c"), version=1)


def test_loading_and_asking_needs_no_scikit_learn(file) -> None:
    code = (
        "import sys, numpy as np\n"
        "from ansatzlint.predictor.store import load\n"
        f"model = load({str(file)!r}).models['largest']\n"
        "model.predict_interval(np.zeros((1, 3)))\n"
        "sys.exit(any(name in sys.modules for name in ('sklearn', 'numba', 'scipy')))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
