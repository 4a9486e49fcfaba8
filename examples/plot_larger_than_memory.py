"""
Balance data larger than memory
===============================

**Rows of the rare class and a sample of the others are all that a fit needs in memory, and new rows are drawn chunk by
chunk.** Here a process balances a file although it may not take as much memory as the file holds. The operating system
sets the limit (``ulimit -v``), on Linux alone.
"""

# %%
# A file of 376 MB: 60,000 images, of which 200 are rare. Rare blobs lie above, common ones below. It is written in
# parts.

import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np

n, n_rare, side = 60_000, 200, 28
grid = np.linspace(-1, 1, side)
rng = np.random.default_rng(0)
y = np.zeros(n, np.uint8)
y[rng.choice(n, n_rare, replace=False)] = 1
place = np.column_stack([rng.normal(np.where(y, -0.4, 0.4), 0.1), rng.normal(0, 0.3, n)])

path = Path(tempfile.mkdtemp()) / "images.h5"
with h5py.File(path, "w") as file:
    file["y"] = y
    images = file.create_dataset(
        "X", (n, side, side), np.float64, maxshape=(None, side, side), chunks=(500, side, side)
    )
    for start in range(0, n, 5000):
        across = np.exp(-8 * (grid - place[start : start + 5000, :, None]) ** 2)
        images[start : start + 5000] = across[:, 0, :, None] * across[:, 1, None]
print(f"{path.stat().st_size / 1e6:.0f} MB")

# %%
# The program is a process of its own, so that the limit ends with it. It may take 300 MB beside what it has after its
# imports. Reading the file at once fails. ``fit`` reads what it needs, and ``iter_samples`` draws the new images, which
# go to the end of the same file.

PROGRAM = """
import resource, sys
from pathlib import Path

import h5py
import numpy as np
from gan_oversampler import DeformationOverSampler

pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 300_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

with h5py.File(sys.argv[1], "r+") as file:
    X, y = file["X"], file["y"][:]
    try:
        X[:]
    except MemoryError:
        print("All at once: MemoryError")
    sampler = DeformationOverSampler(deformation="affine", random_state=0).fit(X, y)
    n_new = sampler.sampling_strategy_[1]
    for rows in sampler.iter_samples(n_new, 1, chunk_size=2000):
        X.resize(len(X) + len(rows), axis=0)
        X[-len(rows):] = rows
    print(f"{n_new:,} new rows: {X.nbytes / 1e6:.0f} MB of images, with 300 MB of memory")
"""
run = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=False)
print(run.stdout, run.stderr)

# %%
# The first line holds rare images of the file, the second new ones.

with h5py.File(path) as file:
    rows = [*file["X"][np.flatnonzero(y)[:10]], *file["X"][-10:]]
figure, axes = plt.subplots(2, 10, figsize=(8, 1.8), layout="constrained")
for ax, image in zip(axes.flat, rows, strict=True):
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
