"""The process of a contender, as seen from outside: what it is started with, and what it is asked."""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from benchmarks.cases import THREADS

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "pytorch": "torch",
    "fused": "torch",
    "compiled": "torch",
    "jax": "jax",
    "sklearn": "sklearn",
    "onnxruntime": "onnxruntime",
}
TITLES = {
    "ours": "here",
    "pytorch": "PyTorch",
    "fused": "PyTorch, fused",
    "compiled": "`torch.compile`",
    "jax": "JAX",
    "sklearn": "scikit-learn",
    "onnxruntime": "ONNX Runtime",
}
OWN_CHOICE = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Variables that would keep OpenBLAS from choosing its kernels by itself."""


def own_choice() -> dict[str, str]:
    """The environment without these variables."""
    return {name: value for name, value in os.environ.items() if name not in OWN_CHOICE}


def environment(threads: int = THREADS) -> dict[str, str]:
    """What every contender is started with: so many threads for all libraries, and OpenBLAS's own choice of kernels."""
    counts = {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "OPENBLAS", "MKL")}
    jax = {
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads={threads}",
    }
    return own_choice() | counts | jax | {"NPROC": str(threads)}


def present(wanted: list[str]) -> list[str]:
    """Those of the wanted contenders that can run here; it says in one sentence what a missing one needs."""
    found = []
    for who in wanted:
        if who in PACKAGES and importlib.util.find_spec(PACKAGES[who]) is None:
            raise click.ClickException(f"{TITLES[who]} is missing; install benchmarks/requirements.txt.")
        if who == "compiled" and shutil.which(os.environ.get("CXX") or "g++") is None:
            click.echo("torch.compile is left out: it needs a C++ compiler; install g++.", err=True)
        else:
            found.append(who)
    return found


class Contender:
    """A process that answers each question with a line of JSON."""

    def __init__(self, module: str, *arguments: str, threads: int = THREADS) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self.name = " ".join(arguments[:2])
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: str) -> Any:
        self.send(question)
        return self.answer()

    def send(self, question: str) -> None:
        """Ask, and wait for nothing."""
        assert self.process.stdin is not None
        # If the process has ended, the answer will tell.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(question + "\n")
            self.process.stdin.flush()

    def answer(self) -> Any:
        """Wait for the answer to what was sent."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise click.ClickException(f"{self.name} ended early.")
        return json.loads(line)

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
