"""A neural network from first to last, written to be read: the textbook of this library.

Every layer has two methods. `forward(x)` computes y from x and remembers what it will need. `backward(dy)` is given
the gradient of the loss L by its output, dY = dL/dY, and returns the gradient by its input, dX = dL/dX. It also keeps
the gradients by what the layer learns: dW, db, and so on. A gradient always has the shape of what it belongs to.
All of these formulas are the chain rule; going through the layers from last to first applies it again and again.

Pictures are [N, H, W, C]: images, rows, columns, channels. Everything else is [N, features]. In the formulas, A B is a
matrix product, * multiplies element by element, and ^T transposes.

The classes of the same names in `layers/` compute the same numbers, written for speed. They keep their memory from
step to step, lay pictures out in another order, and use several threads. `tests/nn/test_plain.py` holds the two equal.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.errors import InputError


class Layer:
    """What all layers share. Some act differently while `training` is True: BatchNorm and Dropout."""

    training = True

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Y from X."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dX from dY, for the x of the last forward."""
        raise NotImplementedError

    def learned(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each parameter with its gradient, after a backward; most layers have none."""
        return []


class Dense(Layer):
    """Every output is a weighted sum of all inputs, plus a number of its own.

    X [N, inputs], W [inputs, units], b [units], Y [N, units].

        Y  = X W + b
        dX = dY W^T
        dW = X^T dY
        db = sum over the N rows of dY
    """

    def __init__(self, inputs: int, units: int, rng: np.random.Generator) -> None:
        # With this spread, the values neither grow nor fade from one ReLU layer to the next (He et al. 2015).
        self.W = rng.normal(0, np.sqrt(2 / inputs), (inputs, units))
        self.b = np.zeros(units)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy: np.ndarray) -> np.ndarray:
        self.dW = self.x.T @ dy
        self.db = dy.sum(axis=0)
        return dy @ self.W.T

    def learned(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(self.W, self.dW), (self.b, self.db)]


class Conv2D(Layer):
    """A small window slides over the picture; at each place every filter gives one weighted sum of what it sees.

    X [N, H, W, C], W [size, size, C, filters], b [filters], Y [N, H', W', filters]. The window moves by one pixel.
    padding="valid" keeps it inside: H' = H - size + 1. padding="same" first surrounds the picture with size // 2
    zeros on each side: H' = H. In the formulas X is the picture after that; dX is cut back to the picture before it.

        Y[n, h, w, f]  = sum over i, j, c of  X[n, h + i, w + j, c] W[i, j, c, f]  + b[f]
        dW[i, j, c, f] = sum over n, h, w of  X[n, h + i, w + j, c] dY[n, h, w, f]
        db[f]          = sum over n, h, w of  dY[n, h, w, f]
        dX[n, p, q, c] = sum over i, j, f of  dY[n, p - i, q - j, f] W[i, j, c, f]  where dY has such a place

    As in every network library the window is not mirrored: strictly speaking this is a cross-correlation.
    """

    def __init__(
        self, channels: int, filters: int, size: int, rng: np.random.Generator, padding: str = "valid"
    ) -> None:
        if padding not in ("valid", "same") or (padding == "same" and size % 2 == 0):
            raise InputError(f"Conv2D: padding is valid, or same with an odd size; found {padding}, size {size}.")
        self.size = size
        self.margin = size // 2 if padding == "same" else 0
        self.W = rng.normal(0, np.sqrt(2 / (size * size * channels)), (size, size, channels, filters))
        self.b = np.zeros(filters)

    def forward(self, x: np.ndarray) -> np.ndarray:
        margin = (self.margin, self.margin)
        self.x = np.pad(x, ((0, 0), margin, margin, (0, 0)))
        windows = sliding_window_view(self.x, (self.size, self.size), axis=(1, 2))  # [N, H', W', C, size, size]
        return np.einsum("nhwcij,ijcf->nhwf", windows, self.W, optimize=True) + self.b

    def backward(self, dy: np.ndarray) -> np.ndarray:
        _, height, width, _ = dy.shape
        self.dW = np.zeros_like(self.W)
        self.db = dy.sum(axis=(0, 1, 2))
        dx = np.zeros_like(self.x)
        for i in range(self.size):
            for j in range(self.size):
                # The weight at (i, j) met exactly these pixels, each of them for one place of dY.
                rows, columns = slice(i, i + height), slice(j, j + width)
                self.dW[i, j] = np.einsum("nhwc,nhwf->cf", self.x[:, rows, columns], dy, optimize=True)
                dx[:, rows, columns] += dy @ self.W[i, j].T
        _, padded_height, padded_width, _ = dx.shape
        return dx[:, self.margin : padded_height - self.margin, self.margin : padded_width - self.margin]

    def learned(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(self.W, self.dW), (self.b, self.db)]


class MaxPool2D(Layer):
    """Of every size x size block of a picture only the largest value goes on.

    X [N, H, W, C], Y [N, H // size, W // size, C]. Rows and columns that fill no block are left out.

        Y  = max of X over each block
        dX = dY at the place of that maximum (the first, row by row, of several equal ones); 0 everywhere else
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def forward(self, x: np.ndarray) -> np.ndarray:
        n, height, width, channels = self.shape = x.shape
        rows, columns, size = height // self.size, width // self.size, self.size
        blocks = x[:, : rows * size, : columns * size].reshape(n, rows, size, columns, size, channels)
        blocks = blocks.transpose(0, 1, 3, 5, 2, 4).reshape(n, rows, columns, channels, size * size)
        self.largest = blocks.argmax(axis=-1)
        return blocks.max(axis=-1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        n, rows, columns, channels = dy.shape
        size = self.size
        blocks = np.where(np.arange(size * size) == self.largest[..., None], dy[..., None], 0)
        blocks = blocks.reshape(n, rows, columns, channels, size, size).transpose(0, 1, 4, 2, 5, 3)
        dx = np.zeros(self.shape, dy.dtype)
        dx[:, : rows * size, : columns * size] = blocks.reshape(n, rows * size, columns * size, channels)
        return dx


class Flatten(Layer):
    """Lays every picture out as one row of numbers.

    X, dX [N, H, W, C]; Y, dY [N, H W C].

        Y  = X as rows
        dX = dY as pictures
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy.reshape(self.shape)


class ReLU(Layer):
    """Lets positive values through and stops the rest.

    X, dX, Y and dY have the same shape, whichever it is.

        Y  = max(X, 0)
        dX = dY * (1 where X > 0, else 0)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * (self.x > 0)


class Sigmoid(Layer):
    """Squeezes every value between 0 and 1.

    X, dX, Y and dY have the same shape, whichever it is.

        Y  = 1 / (1 + exp(-X))
        dX = dY * Y * (1 - Y)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        # The same function, in a form that cannot overflow.
        self.y = (1 + np.tanh(x / 2)) / 2
        return self.y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.y * (1 - self.y)


class Tanh(Layer):
    """Squeezes every value between -1 and 1.

    X, dX, Y and dY have the same shape, whichever it is.

        Y  = tanh(X)
        dX = dY * (1 - Y * Y)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.y = np.tanh(x)
        return self.y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * (1 - self.y * self.y)


class BatchNorm(Layer):
    """Gives each channel mean 0 and variance 1 over the batch, then two learned numbers set both anew.

    This is Algorithm 1 of Ioffe and Szegedy (2015), with their letters and their gradients (section 3).
    X, x_hat, Y [N, ..., C]; gamma, beta, mu, sigma^2 [C]. Sums and means are over all but C: m values for a channel.

        mu       = mean of X
        sigma^2  = mean of (X - mu)^2
        x_hat    = (X - mu) / sqrt(sigma^2 + epsilon)
        Y        = gamma * x_hat + beta

        dx_hat   = dY * gamma
        dsigma^2 = sum of dx_hat * (X - mu) * (-1/2) (sigma^2 + epsilon)^(-3/2)
        dmu      = sum of -dx_hat / sqrt(sigma^2 + epsilon)  +  dsigma^2 * mean of -2 (X - mu)
        dX       = dx_hat / sqrt(sigma^2 + epsilon)  +  dsigma^2 * 2 (X - mu) / m  +  dmu / m
        dgamma   = sum of dY * x_hat
        dbeta    = sum of dY

    When not training, mu and sigma^2 are running averages of those of the batches. The fast class says scale for
    gamma and shift for beta.
    """

    def __init__(self, channels: int, momentum: float = 0.9, epsilon: float = 1e-5) -> None:
        self.gamma, self.beta = np.ones(channels), np.zeros(channels)
        self.average_mu, self.average_sigma2 = np.zeros(channels), np.ones(channels)
        self.momentum, self.epsilon = momentum, epsilon

    def forward(self, x: np.ndarray) -> np.ndarray:
        if not self.training:
            return self.gamma * (x - self.average_mu) / np.sqrt(self.average_sigma2 + self.epsilon) + self.beta
        self.all_but_channels = tuple(range(x.ndim - 1))
        mu = x.mean(axis=self.all_but_channels)
        self.centered = x - mu
        self.sigma2 = (self.centered**2).mean(axis=self.all_but_channels)
        self.x_hat = self.centered / np.sqrt(self.sigma2 + self.epsilon)
        self.average_mu = self.momentum * self.average_mu + (1 - self.momentum) * mu
        self.average_sigma2 = self.momentum * self.average_sigma2 + (1 - self.momentum) * self.sigma2
        return self.gamma * self.x_hat + self.beta

    def backward(self, dy: np.ndarray) -> np.ndarray:
        axes, shifted = self.all_but_channels, self.sigma2 + self.epsilon
        m = dy.size // dy.shape[-1]
        dx_hat = dy * self.gamma
        dsigma2 = (dx_hat * self.centered * -0.5 * shifted**-1.5).sum(axis=axes)
        dmu = (-dx_hat / np.sqrt(shifted)).sum(axis=axes) + dsigma2 * (-2 * self.centered).mean(axis=axes)
        self.dgamma = (dy * self.x_hat).sum(axis=axes)
        self.dbeta = dy.sum(axis=axes)
        return dx_hat / np.sqrt(shifted) + dsigma2 * 2 * self.centered / m + dmu / m

    def learned(self) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(self.gamma, self.dgamma), (self.beta, self.dbeta)]


class Dropout(Layer):
    """While training, switches off each value with probability `rate` and scales up the rest (Srivastava et al. 2014).

    R has the shape of X: 0 with probability rate, else 1 / (1 - rate), drawn anew in each forward. The scale keeps the
    expected value, so that nothing needs to change when not training (R = 1).

        Y  = X * R
        dX = dY * R
    """

    def __init__(self, rate: float, rng: np.random.Generator) -> None:
        self.rate, self.rng = rate, rng

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.r = (self.rng.random(x.shape) >= self.rate) / (1 - self.rate) if self.training else np.ones(x.shape)
        return x * self.r

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * self.r


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """How surprised the network is by the right answers, and the gradient of that by its scores.

    Logits Z [N, classes], labels: N integers from 0; P and dZ [N, classes]. T is 1 at each row's label, 0 elsewhere.

        P  = exp(Z) / (sum of exp(Z) in the row)
        L  = mean over rows of -log P[row, label]
        dZ = (P - T) / N
    """
    # Taking a row's maximum off changes no probability, and exp can no longer overflow. The logarithm is taken of the
    # formula instead of the number, because a probability may round to 0.
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    loss = -log_p[rows, labels].mean()
    d_logits = np.exp(log_p)
    d_logits[rows, labels] -= 1
    return float(loss), d_logits / len(labels)


def forward(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    """Through all layers, first to last."""
    for layer in layers:
        x = layer.forward(x)
    return x


def backward(layers: list[Layer], dy: np.ndarray) -> np.ndarray:
    """The gradient back through all layers, last to first: the chain rule ("backpropagation")."""
    for layer in reversed(layers):
        dy = layer.backward(dy)
    return dy


def step(layers: list[Layer], learning_rate: float) -> None:
    """Gradient descent: every parameter moves a little against its gradient, W <- W - learning_rate dW."""
    for layer in layers:
        for parameter, gradient in layer.learned():
            parameter -= learning_rate * gradient


def train(
    layers: list[Layer],
    images: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    epochs: int = 6,
    batch_size: int = 64,
    learning_rate: float = 0.2,
) -> list[float]:
    """Stochastic gradient descent. Each epoch takes every image once, in a new order.

    Returns the loss of each batch. Images are what the first layer takes, labels [N] are whole numbers from 0.
    """
    losses = []
    for layer in layers:
        layer.training = True
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            logits = forward(layers, images[batch])
            loss, d_logits = softmax_cross_entropy(logits, labels[batch])
            backward(layers, d_logits)
            step(layers, learning_rate)
            losses.append(loss)
    return losses


def predict(layers: list[Layer], images: np.ndarray) -> np.ndarray:
    """The most likely class of each image, integers [N]."""
    for layer in layers:
        layer.training = False
    return forward(layers, images).argmax(axis=1)
