"""A step of the default networks in PyTorch, by itself: PyTorch and TensorFlow do not bear one another in a process.

    python benchmarks/speed_torch.py 28 28 1 --filters 32 8

It prints the milliseconds of a step in float32 and in bfloat16, images in "channels last", Adam fused. The deformation
of generated images is `grid_sample`; real ones come deformed, as in ours.
"""

from __future__ import annotations

import argparse
import json
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, LATENT, N_WARM, N_STEPS = 64, 64, 10, 60


def generator(side: int, channels: int, filters: int) -> nn.Sequential:
    """Dense, one transposed convolution, and one straight to pixels."""
    base = side // 4
    return nn.Sequential(
        nn.Linear(LATENT, base * base * filters, bias=False),
        nn.Unflatten(1, (filters, base, base)),
        nn.BatchNorm2d(filters),
        nn.ReLU(),
        nn.ConvTranspose2d(filters, filters // 2, 4, 2, 1, bias=False),
        nn.BatchNorm2d(filters // 2),
        nn.ReLU(),
        nn.ConvTranspose2d(filters // 2, channels, 6, 2, 2),
        nn.Tanh(),
    ).to(memory_format=torch.channels_last)


def discriminator(side: int, channels: int, filters: int) -> nn.Sequential:
    """Three strided convolutions and a logit."""
    last = side
    for _ in range(3):
        last = -(-last // 2)
    return nn.Sequential(
        nn.Conv2d(channels, filters, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Conv2d(filters, filters * 2, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Conv2d(filters * 2, filters * 4, 3, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(last * last * filters * 4, 1),
    ).to(memory_format=torch.channels_last)


def milliseconds(shape: tuple[int, int, int], filters: tuple[int, int], dtype: torch.dtype) -> float:
    """The median over steps."""
    side, _, channels = shape
    g, d = generator(side, channels, filters[0]), discriminator(side, channels, filters[1])
    average = [p.detach().clone() for p in g.parameters()]
    optimizers = [torch.optim.Adam(net.parameters(), 1e-3, betas=(0.5, 0.99), fused=True) for net in (g, d)]
    real = torch.rand(BATCH, channels, side, side).to(memory_format=torch.channels_last) * 2 - 1
    turns = torch.eye(2, 3).repeat(BATCH, 1, 1) + 0.1 * torch.randn(BATCH, 2, 3)
    seconds = []
    for _ in range(N_WARM + N_STEPS):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            fake = g(torch.randn(BATCH, LATENT)).float()
            grid = F.affine_grid(turns, list(fake.shape), align_corners=False)
            fake = F.grid_sample(fake, grid, padding_mode="border", align_corners=False)
            real_logits, fake_logits = d(real).float(), d(fake).float()
        of_generator = F.softplus(-fake_logits).mean()
        of_discriminator = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        gradients = torch.autograd.grad(of_generator, list(g.parameters()), retain_graph=True)
        more = torch.autograd.grad(of_discriminator, list(d.parameters()))
        for net, values, optimizer in zip((g, d), (gradients, more), optimizers, strict=True):
            for parameter, value in zip(net.parameters(), values, strict=True):
                parameter.grad = value
            optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in g.parameters()], 0.01)
        seconds.append(time.perf_counter() - start)
    return 1000 * sorted(seconds[N_WARM:])[N_STEPS // 2]


def main() -> None:
    """Measure both formats."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", nargs=3, type=int)
    parser.add_argument("--filters", nargs=2, type=int, required=True)
    options = parser.parse_args()
    formats = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    shape, filters = tuple(options.shape), tuple(options.filters)
    print(json.dumps({name: milliseconds(shape, filters, dtype) for name, dtype in formats.items()}))


if __name__ == "__main__":
    main()
