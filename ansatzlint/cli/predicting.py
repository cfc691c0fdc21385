"""`predictor`: its data, its models, their scores."""

from __future__ import annotations

from pathlib import Path

import click

from ansatzlint.cli.shared import CLEAN, processes, status
from ansatzlint.errors import UsageError


@click.group()
def predictor() -> None:
    """Make the predictor's data, fit its models, score them; also on labels of your own."""


@predictor.command("build")
@click.option("-o", "--output", "folder", required=True, metavar="DIR", help="What the folder holds is kept.")
@click.option("--head", type=click.Choice(["gradients", "training"]), default="gradients", show_default=True)
@click.option("--count", type=click.IntRange(1), metavar="N", help="Circuits. [200000; training: 4000]")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of the circuits. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes, -1 for one a core. [1]")
def predictor_build(folder: str, head: str, count: int | None, seed: int, jobs: int) -> int:
    """Label circuits by the engine, or by training them, in a folder that grows.

    Started again it goes on where it stopped; a larger --count adds circuits. Within `joblib.parallel_config` the same
    work runs on a cluster: see examples/predictor_on_dask.py.
    """
    from ansatzlint.predictor.dataset import build, read_recipe

    number = count or {"gradients": 200_000, "training": 4_000}[head]
    try:
        with status() as report:
            written = build(
                folder, head, number, seed, processes(jobs),  # type: ignore[arg-type]  # a Choice
                progress=lambda done, total: report(f"{done} of {total} files of circuits"),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(f"{folder}: finished files are kept; the same command goes on from them", err=True)
        raise
    held = read_recipe(folder).count
    click.echo(f"{folder}: {held:,} circuits for the head {head}, seed {seed}; files written: {written}")
    return CLEAN


@predictor.command("fit")
@click.argument("source")
@click.option("-o", "--output", metavar="FILE", default="model.npz", show_default=True, help="The model.")
@click.option("--target", metavar="NAME", help="The key of the number in a file of labels.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of folds and trees. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes for features, -1 for one a core. [1]")
def predictor_fit(source: str, output: str, target: str | None, seed: int, jobs: int) -> int:
    """Fit on SOURCE: a folder that `build` made, or a file of your own labels.

    A file of labels has a circuit and a number a line, LABELS.jsonl or LABELS.jsonl.gz:

    {"circuit": "ansatz.qasm", "energy": -1.1} or {"qasm": "OPENQASM 3.0; …", "label": 0.9, "observable": "Z0 Z1"}
    """
    from ansatzlint.files import check_writable
    from ansatzlint.predictor.model_card import render_text
    from ansatzlint.predictor.sources import fit

    check_writable(Path(output))
    with status() as report:
        fitted = fit(source, target, seed=seed, jobs=processes(jobs), report=report)
    click.echo(render_text(fitted.scores), nl=False)
    size = fitted.keep(output)
    click.echo(f"\n{output}: {', '.join(sorted(fitted.models))}; {size / 2**10:,.0f} KiB")
    return CLEAN


@predictor.command("evaluate")
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--model", metavar="FILE", help="Score this model instead of fitting on a part and scoring the rest.")
@click.option("--target", metavar="NAME", help="The key of the number in a file of labels.")
@click.option("-o", "--output", metavar="FILE", help="Write a prediction for each line of a file of labels there.")
@click.option("--card", "card_file", metavar="FILE", help="Write the model card there.")
@click.option("--format", "output_format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--rows", type=click.IntRange(100), metavar="N", help="Fit each fold on so many rows. [20000]")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Of folds and trees. [0]")
@click.option("--jobs", type=int, default=1, metavar="N", help="Processes for features, -1 for one a core. [1]")
def predictor_evaluate(
    sources: tuple[str, ...],
    model: str | None,
    target: str | None,
    output: str | None,
    card_file: str | None,
    output_format: str,
    rows: int | None,
    seed: int,
    jobs: int,
) -> int:
    """Print scores and how they were got.

    A SOURCE is a folder that `build` made, judged by the full protocols (families left out, larger circuits), or a
    file of labels, judged by five random folds. Without a SOURCE the card of the shipped models is shown.

    To predict with a model of your own: evaluate CIRCUITS.jsonl --model MODEL.npz -o PREDICTIONS.jsonl, where lines
    need no label.
    """
    from ansatzlint.files import check_writable, write_atomically
    from ansatzlint.predictor.evaluation import Effort
    from ansatzlint.predictor.model_card import render_card, render_json, render_text, shipped_card
    from ansatzlint.predictor.sources import evaluate, is_built, write_predictions

    if not sources:
        if model or target or output or card_file or output_format == "json":
            raise UsageError("a SOURCE is missing: a folder that `ansatzlint predictor build` made, or LABELS.jsonl")
        click.echo(shipped_card(), nl=False)
        return CLEAN
    if output is not None and (len(sources) > 1 or is_built(sources[0])):
        raise UsageError("-o writes the predictions for one file of labels; name that as the only SOURCE")
    if rows is not None and model is not None:
        raise UsageError("--rows is for fitting, and --model is asked as it is; leave one of both out")
    for file in (output, card_file):
        if file is not None:
            check_writable(Path(file))
    effort = Effort(rows=rows or Effort().rows, seed=seed)
    with status() as report:
        found = [
            evaluate(source, target, model=model, effort=effort, jobs=processes(jobs), report=report)
            for source in sources
        ]
    evaluations = [scores for scores, _ in found]
    text = render_json(evaluations) if output_format == "json" else "\n".join(map(render_text, evaluations))
    click.echo(text, nl=False)
    if output is not None:
        write_predictions(output, found[0][1])
    if card_file is not None:
        write_atomically(Path(card_file), render_card(evaluations, shipped=is_built(sources[0]) and model is None))
    return CLEAN
