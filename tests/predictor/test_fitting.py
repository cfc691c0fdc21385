"""What is fitted on: the engine's figures beside the features, and rows that are known again."""

from __future__ import annotations

import numpy as np

from ansatzlint.predictor.dataset import Data
from ansatzlint.predictor.fitting import fingerprint, with_figures


def test_figures_stand_behind_the_features_and_none_stands_twice() -> None:
    columns = {
        "trained_fraction": np.array([0.5, 0.7]),
        "figures": np.array([[3.0, 1.0, np.nan], [4.0, 2.0, 5.0]]),
        "figure_names": np.array(["qubits", "expressibility", "gap"]),
    }
    data = with_figures(Data(columns, np.array([[3.0, 9.0], [4.0, 8.0]], dtype=np.float32), ("qubits", "depth")))
    assert data.names == ("qubits", "depth", "expressibility", "gap")
    np.testing.assert_array_equal(data.features, [[3, 9, 1, np.nan], [4, 8, 2, 5]])
    assert set(data.columns) == {"trained_fraction"}


def test_a_fingerprint_knows_its_rows_again_and_no_others() -> None:
    features, values = np.arange(6.0).reshape(3, 2), np.arange(3.0)
    assert fingerprint(features, values) == fingerprint(features.astype(np.float32), values.copy())
    assert fingerprint(features, values) != fingerprint(features, values + 1)
    assert fingerprint(features, values) != fingerprint(features[::-1], values)
