"""Which pictures a network was trained on: how its pixels were scaled, and how 28x28 pixels become its size.

Files do not say it. So it is asked for; and if nobody knows, every usual way is tried on some training images.
"""

from dataclasses import dataclass

from mnist_core.data.dataset import SIDE
from mnist_core.errors import InputError
from mnist_core.nn.layers.inputs import Standardize
from mnist_core.nn.spec import describe, parse

SCALES: dict[str, tuple[str, ...]] = {
    "0..1": (),
    "0.1307,0.3081": ("standardize 0.1307 0.3081",),
    "0..255": ("scale 255.0",),
    "-1..1": ("standardize 0.5 0.5",),
    "1..0": ("standardize 1.0 -1.0",),
}
"""The usual ones, from background to ink, or a mean and a deviation of pixels from 0 to 1; and the layers they need."""
FITS = ("pad", "resize")
"""How 28x28 pixels become another size: with background around them, or made larger or smaller."""


@dataclass(frozen=True)
class PicturesWanted:
    """scale: one of `SCALES`, or a mean and a deviation, such as "0.1307,0.3081". fit: one of `FITS`."""

    scale: str = "0..1"
    fit: str = "resize"

    def layers(self, side: int) -> list[str]:
        """The layers that make such pictures, side x side pixels, of ours. Raises InputError if that is impossible."""
        if side == SIDE:
            fitted = []
        elif self.fit == "pad":
            if side < SIDE or (side - SIDE) % 2:
                raise InputError(f"pictures of {side}x{side} pixels cannot be 28x28 with a margin; resize them.")
            fitted = [f"pad {(side - SIDE) // 2}"]
        elif self.fit == "resize":
            fitted = [f"resize {side}"]
        else:
            raise InputError(f"fit {self.fit!r}: expected one of {', '.join(FITS)}.")
        return [*fitted, *self._scaled()]

    def _scaled(self) -> tuple[str, ...]:
        if self.scale in SCALES:
            return SCALES[self.scale]
        words = self.scale.replace(",", " ").split()
        try:
            mean, deviation = (float(word) for word in words)
            line = describe(Standardize.name, Standardize(mean, deviation))
            parse(line, {Standardize.name: Standardize}, "layer")
            return (line,)
        except ValueError:
            usual = ", ".join(SCALES)
            raise InputError(
                f"scale {self.scale[:60]!r}: expected one of {usual}, or a mean and a deviation such as 0.5,0.25."
            ) from None


def usual_ways(side: int, scale: str = "", fit: str = "") -> list[PicturesWanted]:
    """Every usual way for a network that takes side x side pixels, the most usual first.

    scale, fit: what is known already, "" for what is not.
    """
    fits = [fit] if fit else list(FITS) if side > SIDE and side % 2 == 0 else ["resize"]
    return [PicturesWanted(one, its_fit) for one in ([scale] if scale else SCALES) for its_fit in fits]
