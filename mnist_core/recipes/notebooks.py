"""Six networks from five well-known from-scratch notebooks, with the arithmetic that their authors published.

Mistakes are kept, because a class learns from them: each is named in the settings and lives in
`mnist_core.nn.published_mistakes`.
`corrected` differs in that one thing alone.
"""

from dataclasses import replace

from mnist_core.recipes.recipe import Recipe
from mnist_core.training.config import TrainingConfig

LOGISTIC_REGRESSION = TrainingConfig(
    layers=("flatten", "scale 255", "ones", "dense 10 weights=zeros biases=none"),
    loss="binary_cross_entropy",
    optimizer="sgd",
    # The notebook steps 1e-5 along the gradient of the sum of the ten units' losses, and prints their mean. Here the
    # gradient is that of the mean, a tenth of it.
    learning_rate=1e-4,
    batch_size=0,
    epochs=200,
    validation=0,
    dtype="float64",
)

RELU_10 = TrainingConfig(
    layers=(
        "flatten",
        "dense_one_bias_gradient 10 weights=uniform:0.5 biases=uniform:0.5",
        "relu",
        "dense_one_bias_gradient 10 weights=uniform:0.5 biases=uniform:0.5",
    ),
    loss="wrong_divisor 60000",
    optimizer="sgd",
    learning_rate=0.10,
    batch_size=0,
    epochs=500,
    validation=5000,
    validate_every=10,
)
RELU_10_CORRECTED = replace(
    RELU_10,
    layers=tuple(layer.replace("dense_one_bias_gradient", "dense") for layer in RELU_10.layers),
    loss="softmax_cross_entropy",
)

RELU_100_L2 = TrainingConfig(
    layers=("flatten", "dense 100 weights=normal:0.01", "relu", "dense 10 weights=normal:0.01"),
    optimizer="sgd",
    learning_rate=0.1,
    batch_size=32,
    sampling="file_order",
    epochs=10,
    l2=0.001,
    validation=0,
)

RELU_100_DOUBLE_SOFTMAX = TrainingConfig(
    layers=(
        "flatten",
        "dense 100 weights=fan_in_uniform biases=fan_in_uniform",
        "relu",
        "dense 10 weights=fan_in_uniform biases=fan_in_uniform",
        "softmax",  # the mistake: the loss applies another one
    ),
    optimizer="sgd",
    learning_rate=0.01,
    batch_size=32,
    sampling="file_order",
    epochs=10,
    validation=0,
    seed=3,  # a usual one: with some, a digit is not learned at all or the last one is learned after all
)
RELU_100_ONE_SOFTMAX = replace(RELU_100_DOUBLE_SOFTMAX, layers=RELU_100_DOUBLE_SOFTMAX.layers[:-1])

SIGMOID_128 = TrainingConfig(
    layers=("flatten", "dense 128 weights=normal", "sigmoid", "dense 10 weights=normal"),
    optimizer="sgd",
    learning_rate=1.0,
    batch_size=0,
    epochs=1000,
    stop_at_loss=0.5,
    validation=0,
)

SIGMOID_128_SQUARED_ERROR = TrainingConfig(
    layers=(
        "flatten",
        "scale 255",
        "dense 128 weights=size_uniform biases=none",
        "sigmoid",
        "dense 10 weights=size_uniform biases=none",
        "batch_softmax",
    ),
    loss="digit_difference",
    optimizer="sgd",
    learning_rate=0.001,
    batch_size=128,
    sampling="replacement",
    steps=10_000,
    validation=10_000,
    validate_every=20,
    seed=42,
)
SIGMOID_128_CROSS_ENTROPY = replace(
    SIGMOID_128_SQUARED_ERROR,
    layers=tuple(layer for layer in SIGMOID_128_SQUARED_ERROR.layers if layer not in ("scale 255", "batch_softmax")),
    loss="softmax_cross_entropy",
)

PUBLISHED = (
    Recipe(
        "logistic-regression",
        "Logistic regression",
        "Ten yes-or-no questions, each answered by one weighted sum of the pixels; no hidden layer.",
        LOGISTIC_REGRESSION,
        report_every=10,
        printed=0.9032,
        lesson="Nothing is wrong with it: without a hidden layer this is about what can be had.",
    ),
    Recipe(
        "relu-10",
        "Ten hidden ReLUs",
        "A hidden layer of ten units, trained on all images at once.",
        RELU_10,
        report_every=10,
        corrected=RELU_10_CORRECTED,
        printed=0.8456,
        measure="validation",
        lesson="Gradients were divided by 60,000 for 55,000 images, and all biases of a layer moved together.",
    ),
    Recipe(
        "relu-100-l2",
        "A hundred hidden ReLUs",
        "A hidden layer of a hundred units, with L2 regularization.",
        RELU_100_L2,
        report_every=1875,
        printed=0.97,
        lesson="Nothing is wrong with it, but images in file order, never shuffled, are a risk with other data.",
    ),
    Recipe(
        "relu-100-double-softmax",
        "Softmax applied twice",
        "A hundred hidden units; the loss applies a softmax to what is a softmax already.",
        RELU_100_DOUBLE_SOFTMAX,
        report_every=1875,
        corrected=RELU_100_ONE_SOFTMAX,
        printed=0.85,
        lesson="A second softmax flattens answers and gradients: learning crawls, and a digit is often lost.",
    ),
    Recipe(
        "sigmoid-128",
        "Hidden sigmoids",
        "A hidden layer of 128 sigmoids with large random first weights, trained on all images at once.",
        SIGMOID_128,
        report_every=10,
        printed=0.8649,
        lesson="Weights that start with variance 1 drive the sigmoids into saturation, where gradients vanish.",
    ),
    Recipe(
        "sigmoid-128-squared-error",
        "Sigmoids, squared error",
        "A hidden layer of 128 sigmoids on raw pixels, with a softmax over the batch and a squared error.",
        SIGMOID_128_SQUARED_ERROR,
        report_every=20,
        corrected=SIGMOID_128_CROSS_ENTROPY,
        printed=0.8383,
        lesson="The softmax ran over the batch instead of the classes, and only its diagonal was differentiated. "
        "With pixels from 0 to 1, as in the twin, the rate of 0.001 is far too small for 10,000 steps.",
    ),
)
