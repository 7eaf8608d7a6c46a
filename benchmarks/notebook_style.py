"""Full-batch training the way a first notebook writes it, in float64: what the project's speed is compared with.

Every network is here twice. The functions named notebook_... do the work in the order of the published notebooks, which
compute several things more than once: the sigmoid again for its derivative, the exponentials again for the sum, the
answers again for the loss and the gradient, pixels turned into floats in each product. Those named lean_... are the
same training without any repeated work, but still with new arrays in every step.

Each takes pixels [pixels, N], digits [N], the first weights and the number of steps, and returns the last weights.
"""

import numpy as np

Weights = list[np.ndarray]


def columns(images: np.ndarray, raw: bool) -> np.ndarray:
    """Images [N, 28, 28] as columns: uint8 [785, N] with a first row of ones if raw, else float64 [784, N] in 0..1."""
    flat = images.reshape(len(images), -1)
    return np.insert(flat, 0, 1, axis=1).T if raw else flat.T / 255


def one_hot(digits: np.ndarray) -> np.ndarray:
    """[N] digits as columns [10, N]."""
    return np.eye(10)[digits].T


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.sum(np.exp(x), axis=0)


def lean_softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def notebook_logistic(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    """Answers are computed for the loss, for the gradient and, on the test images, for the line that is printed."""
    (w,), y = first, one_hot(digits).T
    x, test = x.T, test.T
    for _ in range(steps):
        answer = sigmoid(np.matmul(x, w))
        _loss = -np.sum(y * np.log(answer) + (1 - y) * np.log(1 - answer)) / len(x)
        _shown = np.argmax(sigmoid(np.matmul(test, w)), axis=1)
        w = w - 1e-5 * np.matmul(x.T, sigmoid(np.matmul(x, w)) - y) / len(x)
    return [w]


def lean_logistic(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    (w,), y = first, one_hot(digits)
    x = x.astype(np.float64)
    for _ in range(steps):
        answer = np.clip(sigmoid(w.T @ x), 1e-15, 1 - 1e-15)
        _loss = -np.mean(y * np.log(answer) + (1 - y) * np.log(1 - answer))
        w = w - 1e-5 * (x @ (answer - y).T) / x.shape[1]
    return [w]


def notebook_relu(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    """One-hot labels are made anew in every step; the divisor and the one bias gradient are the published mistakes."""
    w1, b1, w2, b2 = (array.T.copy() if array.ndim == 2 else array[:, None] for array in first)
    for step in range(steps):
        z1 = w1.dot(x) + b1
        a1 = np.maximum(z1, 0)
        z2 = w2.dot(a1) + b2
        a2 = softmax(z2)
        dz2 = a2 - one_hot(digits)
        dw2 = dz2.dot(a1.T) / 60000
        db2 = np.sum(dz2) / 60000
        dz1 = w2.T.dot(dz2) * (z1 > 0)
        dw1 = dz1.dot(x.T) / 60000
        db1 = np.sum(dz1) / 60000
        w1, b1, w2, b2 = w1 - 0.1 * dw1, b1 - 0.1 * db1, w2 - 0.1 * dw2, b2 - 0.1 * db2
        if step % 10 == 0:
            _shown = np.sum(np.argmax(a2, axis=0) == digits) / digits.size
    return [w1.T, b1[:, 0], w2.T, b2[:, 0]]


def lean_relu(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    (w1, b1, w2, b2), y = first, one_hot(digits)
    for _ in range(steps):
        z1 = w1.T @ x + b1[:, None]
        a1 = np.maximum(z1, 0)
        answer = lean_softmax(w2.T @ a1 + b2[:, None])
        d2 = answer - y
        d1 = (w2 @ d2) * (z1 > 0)
        w1, b1 = w1 - 0.1 * (x @ d1.T) / 60000, b1 - 0.1 * d1.sum() / 60000
        w2, b2 = w2 - 0.1 * (a1 @ d2.T) / 60000, b2 - 0.1 * d2.sum() / 60000
    return [w1, b1, w2, b2]


def notebook_sigmoid(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    """The sigmoid of the hidden layer is computed three times a step, its derivative from scratch."""
    w1, b1, w2, b2 = (array.T.copy() if array.ndim == 2 else array[:, None] for array in first)
    y, n = one_hot(digits), x.shape[1]
    for _ in range(steps):
        z1 = np.matmul(w1, x) + b1
        a1 = sigmoid(z1)
        z2 = np.matmul(w2, a1) + b2
        a2 = softmax(z2)
        _loss = -np.sum(np.multiply(y, np.log(a2))) / n
        dz2 = a2 - y
        dw2 = np.matmul(dz2, a1.T) / n
        db2 = np.sum(dz2, axis=1, keepdims=True) / n
        dz1 = np.matmul(w2.T, dz2) * sigmoid(z1) * (1 - sigmoid(z1))
        dw1 = np.matmul(dz1, x.T) / n
        db1 = np.sum(dz1, axis=1, keepdims=True) / n
        w1, b1, w2, b2 = w1 - dw1, b1 - db1, w2 - dw2, b2 - db2
    return [w1.T, b1[:, 0], w2.T, b2[:, 0]]


def lean_sigmoid(x: np.ndarray, digits: np.ndarray, first: Weights, steps: int, test: np.ndarray) -> Weights:
    (w1, b1, w2, b2), y, n = first, one_hot(digits), x.shape[1]
    for _ in range(steps):
        a1 = sigmoid(w1.T @ x + b1[:, None])
        answer = lean_softmax(w2.T @ a1 + b2[:, None])
        _loss = -np.sum(y * np.log(answer + 1e-300)) / n
        d2 = answer - y
        d1 = (w2 @ d2) * a1 * (1 - a1)
        w1, b1 = w1 - (x @ d1.T) / n, b1 - d1.sum(axis=1) / n
        w2, b2 = w2 - (a1 @ d2.T) / n, b2 - d2.sum(axis=1) / n
    return [w1, b1, w2, b2]


def scores(x: np.ndarray, weights: Weights, hidden: str) -> np.ndarray:
    """[N, 10] for pixels [pixels, N]; hidden: "", "relu" or "sigmoid"."""
    if not hidden:
        return (weights[0].T @ x).T
    w1, b1, w2, b2 = weights
    z1 = w1.T @ x + b1[:, None]
    a1 = np.maximum(z1, 0) if hidden == "relu" else sigmoid(z1)
    return (w2.T @ a1 + b2[:, None]).T
