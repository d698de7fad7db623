"""A label map made with NumPy, and a CT of it.

    python generate_array.py
"""

import maskct
import numpy as np

# A trunk of 6 mm voxels: axes to the right, to anterior, to superior.
x, y, z = np.indices((64, 44, 24), dtype=float)
labels = np.zeros(x.shape, dtype=np.uint8)
labels[((x - 42) / 14) ** 2 + ((y - 23) / 12) ** 2 + ((z - 12) / 10) ** 2 < 1] = 1
labels[((x - 16) / 6) ** 2 + ((y - 16) / 6) ** 2 + ((z - 13) / 7) ** 2 < 1] = 2

case = maskct.generate(
    labels, 6, scheme={1: "liver", 2: "spleen"}, targets=["liver"], recipe="constant", seed=7
)
liver = case.ct[case.labels == 1]
print(f"liver {liver.mean():.0f} HU, standard deviation {liver.std():.0f} HU, {len(liver)} voxels")
