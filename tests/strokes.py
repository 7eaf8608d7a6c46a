"""Digits as strokes, for whatever a test draws: on a canvas, or in a pen file."""

from pathlib import Path

import numpy as np

from mnist_core.ink.pen import render

STROKES = {
    0: [[(140, 40), (80, 90), (75, 180), (130, 240), (190, 190), (200, 100), (140, 40)]],
    1: [[(140, 40), (138, 240)]],
    2: [[(80, 90), (130, 45), (190, 80), (160, 150), (80, 230), (210, 230)]],
    3: [[(80, 60), (150, 45), (185, 85), (130, 130), (190, 175), (150, 230), (75, 215)]],
    4: [[(90, 50), (75, 140), (200, 140)], [(185, 60), (175, 240)]],
    7: [[(70, 60), (200, 60), (120, 235)]],
}


def drawn(digit: int, width: float = 20) -> np.ndarray:
    return render([np.array(stroke, float) for stroke in STROKES[digit]], width)


def pen_file(path: Path, **change: object) -> Path:
    """A pen file with the digits of STROKES, and one letter, each drawn four times."""
    points, strokes, drawings, labels = [], [0], [0], []
    for _ in range(4):
        for label, lines in [(str(digit), lines) for digit, lines in STROKES.items()] + [("E", STROKES[3])]:
            for line in lines:
                steps = np.linspace(0, len(line) - 1, 60)
                points += [np.stack([np.interp(steps, range(len(line)), np.array(line)[:, k]) for k in (0, 1)], 1) * 5]
                strokes.append(strokes[-1] + 60)
            drawings.append(len(strokes) - 1)
            labels.append(label)
    arrays = {
        "points": np.concatenate(points).astype(np.int16),
        "strokes": np.array(strokes, np.int32),
        "drawings": np.array(drawings, np.int32),
        "labels": np.array(labels),
        "writers": np.array(["w"] * len(labels)),
    } | change
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
    return path
