"""What a training tells about itself while it runs."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """How far a training is: sent after every few steps, and after each epoch with the validation results.

    loss and accuracy (0..1) are means over the training batches since the last report, augmentation and L2 included;
    validation_loss and validation_accuracy are NaN where nothing was validated. seconds counts from the start, without
    pauses. The loss of a step is computed before the step changes the weights: that of step 1 is the first network's.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float
    images: int
    seconds: float
    end_of_epoch: bool = False
    validation_loss: float = math.nan
    validation_accuracy: float = math.nan
