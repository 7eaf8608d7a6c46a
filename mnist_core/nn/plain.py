"""A neural network from first to last, as short as it can be: the textbook of this library.

`forward(x)` of a layer computes Y from X and keeps what the gradients need. `backward(dy)` is given dY = dL/dY, the
gradient of the loss L by the output, and returns dX = dL/dX. It also keeps the gradients by the parameters: dW, db and
so on. A gradient has the shape of what it belongs to. All formulas are the chain rule, from last layer to first.

Pictures are [N, H, W, C]: images, rows, columns, channels. Everything else is [N, features]. In the formulas, A B is a
matrix product, * multiplies element by element, and ^T transposes. Where no shape is given, X and Y have the same one.

The classes of the same names in `layers/` compute the same for speed; `tests/nn/test_plain.py` holds the two equal.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.errors import InputError

Array = np.ndarray


class Layer:
    """What all layers share."""

    training = True  # BatchNorm and Dropout act differently in inference, where it is False
    learned: tuple[str, ...] = ()  # names of the parameters; the gradient by W is dW

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        raise NotImplementedError


class Dense(Layer):
    """Fully connected: X [N, inputs], W [inputs, units], b [units], Y [N, units].

    Y  = X W + b
    dX = dY W^T
    dW = X^T dY
    db = sum over the N rows of dY
    """

    learned = ("W", "b")

    def __init__(self, inputs: int, units: int, rng: np.random.Generator) -> None:
        # With this spread, values neither grow nor fade from one ReLU layer to the next (He et al. 2015).
        self.W, self.b = rng.normal(0, np.sqrt(2 / inputs), (inputs, units)), np.zeros(units)

    def forward(self, x: Array) -> Array:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy: Array) -> Array:
        self.dW, self.db = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.W.T


class Conv2D(Layer):
    """Convolution: X [N, H, W, C], W [size, size, C, filters], b [filters], Y [N, H', W', filters].

    padding="valid": H' = H - size + 1. padding="same": X is first surrounded with size // 2 zeros, so that H' = H;
    dX is cut back. As in every network library the window is not mirrored: it is a cross-correlation.

    Y[n, h, w, f]  = sum over i, j, c of  X[n, h + i, w + j, c] W[i, j, c, f]  + b[f]
    dX[n, p, q, c] = sum over i, j, f of  dY[n, p - i, q - j, f] W[i, j, c, f]  where dY has such a position
    dW[i, j, c, f] = sum over n, h, w of  X[n, h + i, w + j, c] dY[n, h, w, f]
    db[f]          = sum over n, h, w of  dY[n, h, w, f]
    """

    learned = ("W", "b")

    def __init__(self, channels: int, filters: int, size: int, rng: np.random.Generator, padding: str = "valid"):
        if padding not in ("valid", "same") or (padding == "same" and size % 2 == 0):
            raise InputError(f"Conv2D: padding is valid, or same with an odd size; found {padding}, size {size}.")
        self.size, self.margin = size, size // 2 if padding == "same" else 0
        self.W = rng.normal(0, np.sqrt(2 / (size * size * channels)), (size, size, channels, filters))
        self.b = np.zeros(filters)

    def forward(self, x: Array) -> Array:
        self.x = np.pad(x, ((0, 0), (self.margin,) * 2, (self.margin,) * 2, (0, 0)))
        windows = sliding_window_view(self.x, (self.size, self.size), axis=(1, 2))  # [N, H', W', C, size, size]
        return np.einsum("nhwcij,ijcf->nhwf", windows, self.W, optimize=True) + self.b

    def backward(self, dy: Array) -> Array:
        dx, self.dW, self.db = np.zeros_like(self.x), np.zeros_like(self.W), dy.sum(axis=(0, 1, 2))
        for i, j in np.ndindex(self.size, self.size):
            # The weights at (i, j) met these pixels, one for each position of dY.
            met = np.s_[:, i : i + dy.shape[1], j : j + dy.shape[2]]
            self.dW[i, j] = np.einsum("nhwc,nhwf->cf", self.x[met], dy, optimize=True)
            dx[met] += dy @ self.W[i, j].T
        return dx[:, self.margin : dx.shape[1] - self.margin, self.margin : dx.shape[2] - self.margin]


class MaxPool2D(Layer):
    """The largest value of each size x size block: X [N, H, W, C], Y [N, H // size, W // size, C].

    Rows and columns that fill no block are left out.

    Y  = max of X over each block
    dX = dY at the position of that maximum (the first, row by row, of several equal ones); 0 everywhere else
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def forward(self, x: Array) -> Array:
        n, height, width, channels = self.shape = x.shape
        rows, columns, size = height // self.size, width // self.size, self.size
        blocks = x[:, : rows * size, : columns * size].reshape(n, rows, size, columns, size, channels)
        blocks = blocks.transpose(0, 1, 3, 5, 2, 4).reshape(n, rows, columns, channels, size * size)
        self.largest = blocks.argmax(axis=-1)
        return blocks.max(axis=-1)

    def backward(self, dy: Array) -> Array:
        (n, rows, columns, channels), size = dy.shape, self.size
        blocks = np.where(np.arange(size * size) == self.largest[..., None], dy[..., None], 0)
        blocks = blocks.reshape(n, rows, columns, channels, size, size).transpose(0, 1, 4, 2, 5, 3)
        dx = np.zeros(self.shape)
        dx[:, : rows * size, : columns * size] = blocks.reshape(n, rows * size, columns * size, channels)
        return dx


class Flatten(Layer):
    """Each picture as one row: Y [N, H W C] = X [N, H, W, C] as rows; dX = dY as pictures."""

    def forward(self, x: Array) -> Array:
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.shape)


class ReLU(Layer):
    """Y = max(X, 0); dX = dY * (1 where X > 0, else 0)."""

    def forward(self, x: Array) -> Array:
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy: Array) -> Array:
        return dy * (self.x > 0)


class Sigmoid(Layer):
    """Y = 1 / (1 + exp(-X)); dX = dY * Y * (1 - Y)."""

    def forward(self, x: Array) -> Array:
        self.y = (1 + np.tanh(x / 2)) / 2  # the same function, in a form that cannot overflow
        return self.y

    def backward(self, dy: Array) -> Array:
        return dy * self.y * (1 - self.y)


class Tanh(Layer):
    """Y = tanh(X); dX = dY * (1 - Y * Y)."""

    def forward(self, x: Array) -> Array:
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy: Array) -> Array:
        return dy * (1 - self.y * self.y)


class BatchNorm(Layer):
    """Batch normalization, Algorithm 1 of Ioffe and Szegedy (2015), with their letters and gradients (section 3).

    X, x_hat, Y [N, ..., C]; gamma, beta, mu, sigma^2 [C]. Sums and means are over all but C: m values for a channel.
    In inference, mu and sigma^2 are running averages. The fast class says scale for gamma and shift for beta.

    mu       = mean of X                               sigma^2 = mean of (X - mu)^2
    x_hat    = (X - mu) / sqrt(sigma^2 + epsilon)      Y       = gamma * x_hat + beta
    dx_hat   = dY * gamma
    dsigma^2 = sum of dx_hat * (X - mu) * (-1/2) (sigma^2 + epsilon)^(-3/2)
    dmu      = sum of -dx_hat / sqrt(sigma^2 + epsilon)  +  dsigma^2 * mean of -2 (X - mu)
    dX       = dx_hat / sqrt(sigma^2 + epsilon)  +  dsigma^2 * 2 (X - mu) / m  +  dmu / m
    dgamma   = sum of dY * x_hat                       dbeta   = sum of dY
    """

    learned = ("gamma", "beta")

    def __init__(self, channels: int, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        self.gamma, self.beta = np.ones(channels), np.zeros(channels)
        self.average_mu, self.average_sigma2 = np.zeros(channels), np.ones(channels)
        self.momentum, self.epsilon = momentum, epsilon

    def forward(self, x: Array) -> Array:
        if not self.training:
            return self.gamma * (x - self.average_mu) / np.sqrt(self.average_sigma2 + self.epsilon) + self.beta
        axes = tuple(range(x.ndim - 1))
        mu, self.sigma2 = x.mean(axis=axes), x.var(axis=axes)
        self.average_mu = self.momentum * self.average_mu + (1 - self.momentum) * mu
        self.average_sigma2 = self.momentum * self.average_sigma2 + (1 - self.momentum) * self.sigma2
        self.centered = x - mu
        self.x_hat = self.centered / np.sqrt(self.sigma2 + self.epsilon)
        return self.gamma * self.x_hat + self.beta

    def backward(self, dy: Array) -> Array:
        axes, m, shifted = tuple(range(dy.ndim - 1)), dy.size // dy.shape[-1], self.sigma2 + self.epsilon
        dx_hat = dy * self.gamma
        dsigma2 = (dx_hat * self.centered * -0.5 * shifted**-1.5).sum(axis=axes)
        dmu = (-dx_hat / np.sqrt(shifted)).sum(axis=axes) + dsigma2 * (-2 * self.centered).mean(axis=axes)
        self.dgamma, self.dbeta = (dy * self.x_hat).sum(axis=axes), dy.sum(axis=axes)
        return dx_hat / np.sqrt(shifted) + dsigma2 * 2 * self.centered / m + dmu / m


class Dropout(Layer):
    """Switches values off at random (Srivastava et al. 2014): Y = X * R; dX = dY * R.

    R is 0 with probability rate, else 1 / (1 - rate), which keeps the expected value; in inference R = 1.
    """

    def __init__(self, rate: float, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng

    def forward(self, x: Array) -> Array:
        self.r = (self.rng.random(x.shape) >= self.rate) / (1 - self.rate) if self.training else np.ones(x.shape)
        return x * self.r

    def backward(self, dy: Array) -> Array:
        return dy * self.r


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """The loss L and dZ, for logits Z [N, classes] and labels, N integers; T is 1 at each row's label, 0 elsewhere.

    P  = exp(Z) / (sum of exp(Z) in the row)
    L  = mean over rows of -log P[row, label]
    dZ = (P - T) / N
    """
    z = logits - logits.max(axis=1, keepdims=True)  # changes no probability, and exp cannot overflow
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # finite, even where P rounds to 0
    targets = np.eye(logits.shape[1])[labels]
    return float(-(log_p * targets).sum(axis=1).mean()), (np.exp(log_p) - targets) / len(labels)


def forward(layers: list[Layer], x: Array, *, training: bool) -> Array:
    """Through all layers, first to last."""
    for layer in layers:
        layer.training = training
        x = layer.forward(x)
    return x


def backward(layers: list[Layer], dy: Array) -> None:
    """The gradients of all layers, last to first ("backpropagation")."""
    for layer in reversed(layers):
        dy = layer.backward(dy)


def step(layers: list[Layer], learning_rate: float) -> None:
    """Gradient descent: W <- W - learning_rate dW, for every parameter."""
    for layer in layers:
        for name in layer.learned:
            parameter = getattr(layer, name)
            parameter -= learning_rate * getattr(layer, f"d{name}")


def train(
    layers: list[Layer],
    images: Array,
    labels: Array,
    rng: np.random.Generator,
    epochs: int = 6,
    batch_size: int = 64,
    learning_rate: float = 0.2,
) -> list[float]:
    """Stochastic gradient descent: each epoch takes every image once, in a new order. Returns each batch's loss."""
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            logits = forward(layers, images[batch], training=True)
            loss, d_logits = softmax_cross_entropy(logits, labels[batch])
            backward(layers, d_logits)
            step(layers, learning_rate)
            losses.append(loss)
    return losses


def predict(layers: list[Layer], images: Array) -> Array:
    """Inference: the most likely class of each image, integers [N]."""
    return forward(layers, images, training=False).argmax(axis=1)
