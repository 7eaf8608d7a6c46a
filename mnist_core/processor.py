"""One word to OpenBLAS, before NumPy loads it: some processors are newer than it is, and can do more than it thinks.

OpenBLAS looks at the processor's model and chooses the fastest of its ways to multiply matrices. Up to version 0.3.31
it does not recognize AMD's Zen 5 (https://github.com/OpenMathLib/OpenBLAS/pull/6033 adds it) and falls back to AVX2,
half as fast as the AVX-512 that it has and that these processors offer. OPENBLAS_CORETYPE is its own variable for that.
"""

import os
import sys
from pathlib import Path

AVX512 = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
"""What OpenBLAS's "SkylakeX" needs, as Linux spells it."""


def choose_matrix_kernels(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Let OpenBLAS use AVX-512 on an AMD processor that has it; nothing happens once NumPy is loaded, or elsewhere.

    A variable that is set already stays as it is. Only Linux tells what its processor can do, in `cpuinfo`.
    """
    if "numpy" in sys.modules or "OPENBLAS_CORETYPE" in os.environ:
        return
    try:
        text = cpuinfo.read_text("utf-8", errors="replace").partition("\n\n")[0]
    except OSError:
        return
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    if facts.get("vendor_id") == "AuthenticAMD" and set(facts.get("flags", "").split()) >= AVX512:
        os.environ["OPENBLAS_CORETYPE"] = "SkylakeX"
