"""MONAI's transforms with a CT that is simulated afresh every time.

    python monai_transform.py SCHEME LABELMAP.nii.gz
"""

import sys

import maskct
from maskct.monai import GenerateCTd
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged, RandSpatialCropd, ScaleIntensityRanged

scheme, path = sys.argv[1:]
generator = maskct.Generator(scheme=scheme, targets=["liver"], recipe="constant")
transforms = Compose(
    [
        LoadImaged("label"),
        EnsureChannelFirstd("label"),
        GenerateCTd("label", generator, image_key="image"),
        ScaleIntensityRanged("image", a_min=-160, a_max=240, b_min=0, b_max=1, clip=True),
        RandSpatialCropd(["image", "label"], roi_size=(16, 16, 16), random_size=False),
    ]
).set_random_state(seed=7)
for _ in range(2):
    item = transforms({"label": path})
    print(tuple(item["image"].shape), f"{float(item['image'].mean()):.3f}", int(item["label"].max()))
