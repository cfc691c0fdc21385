"""The picture of a scaling, as text and as a file."""

import builtins
import re

import pytest

from ansatzlint.errors import InputError, MissingDependencyError, UsageError
from ansatzlint.plots import BELOW, BOTH, LARGEST, MEDIAN, TARGET, draw, figure, text
from ansatzlint.scales import AtTarget, Estimate, Point, Scaling
from ansatzlint.trend import trend


def exact(value):
    return Estimate(value, value, value)


def scaling(largest, median):
    """A scaling with these estimates by size; the target is the largest size."""
    points = tuple(
        Point(n, n, 1, largest[n], median[n], "exact", True) for n in largest
    )  # fmt: skip
    last = points[-1]

    def judged(values):
        ends = zip(*((e.value, e.lower, e.upper) for e in values.values()), strict=True)
        return trend(list(values), *ends)

    at = AtTarget(last.size, last.largest, last.median, exact(1.0), exact(1.0), "exact")
    return Scaling(judged(largest), judged(median), (), None, points, at, "as written", (), 0, "wave")


SIZES = (4, 8, 12, 16, 30, 50)
FLAT = scaling({n: exact(0.1) for n in SIZES}, {n: exact(10.0 ** -(1 + n / 10)) for n in SIZES})


def rows(picture):
    """The field of the plot, a string a line, from the top."""
    return [line.partition(line[7])[2] for line in picture.splitlines()[1:] if len(line) > 7 and line[7] in "┤│"]


def test_marks_stand_where_the_values_are():
    field = rows(text(FLAT, 47, 13))
    assert len(field) == 13
    # sizes 4 to 50 over 47 columns: one a qubit; decades 1e-6 to 1e-1 over 12 steps
    for n in SIZES:
        assert field[0].ljust(47)[n - 4] in (LARGEST, BOTH)
        down = round(n / 10 / 5 * 12)
        assert field[down].ljust(47)[n - 4] in (MEDIAN, BOTH)


def test_the_axis_the_target_and_the_verdict_are_told():
    picture = text(FLAT)
    assert "1e-1 ┤" in picture
    assert "1e-6 ┤" in picture
    assert f"{TARGET} target 50; polynomial" in picture
    assert picture.splitlines()[0].startswith("wave: mean square gradient")
    sizes = picture.splitlines()[-2].split()
    assert {"4", "50"} <= set(sizes) <= {str(n) for n in SIZES}
    assert "\x1b" not in picture
    assert max(map(len, picture.splitlines())) <= 75


def test_what_was_not_seen_is_marked_at_its_upper_end():
    hidden = scaling(
        {n: exact(0.1) for n in SIZES}, {n: exact(0.01) if n < 16 else Estimate(0.0, 0.0, 1e-3) for n in SIZES}
    )
    picture = text(hidden, 47, 13)
    assert f"{BELOW} below" in picture
    assert rows(picture)[-1].ljust(47)[50 - 4] == BELOW
    assert BELOW not in text(FLAT)


def test_intervals_are_bars():
    wide = scaling({n: Estimate(1e-3, 1e-5, 1e-1) for n in SIZES}, {n: exact(1e-3) for n in SIZES})
    column = [line.ljust(47)[16 - 4] for line in rows(text(wide, 47, 13))]
    assert column[0] == column[-1] == "│"
    assert column[6] == BOTH


def test_nothing_above_zero():
    assert "no gradient above zero" in text(scaling({n: exact(0.0) for n in SIZES}, {n: exact(0.0) for n in SIZES}))


def test_a_single_size_has_a_picture():
    one = scaling({6: exact(0.1)}, {6: exact(0.01)})
    assert LARGEST in text(one)
    assert len(draw(one).axes) == 1


@pytest.mark.parametrize("size", [(7, 12), (60, 3)])
def test_a_plot_too_small_is_refused(size):
    with pytest.raises(UsageError, match="at least 8 by 4"):
        text(FLAT, *size)


def test_a_figure_shows_the_values_on_a_logarithmic_axis():
    axes = draw(FLAT).axes[0]
    assert axes.get_yscale() == "log"
    drawn = {tuple(line.get_xdata()) for line in axes.lines}
    assert SIZES in drawn
    assert any(list(line.get_ydata()) == [0.1] * 6 for line in axes.lines)
    assert "qubits" in axes.get_xlabel()


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_files_are_whole_and_the_same_each_time(tmp_path, suffix, start):
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    figure(FLAT, first)
    figure(FLAT, second)
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [first.name, second.name]


def test_an_svg_holds_its_words_as_text(tmp_path):
    figure(FLAT, tmp_path / "a.svg")
    assert re.search(r"<text[^>]*>qubits</text>", (tmp_path / "a.svg").read_text(encoding="utf-8"))


def test_paths_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match=r"\.png or \.svg, not '\.gif'"):
        figure(FLAT, tmp_path / "a.gif")
    with pytest.raises(InputError, match="cannot be written"):
        figure(FLAT, tmp_path / "none" / "a.png")


def test_without_matplotlib_one_line_says_what_to_do(tmp_path, monkeypatch):
    real = builtins.__import__

    def none(name, *rest, **keywords):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest, **keywords)

    monkeypatch.setattr(builtins, "__import__", none)
    with pytest.raises(MissingDependencyError, match=r"pip install 'ansatzlint\[plot\]'"):
        figure(FLAT, tmp_path / "a.png")
