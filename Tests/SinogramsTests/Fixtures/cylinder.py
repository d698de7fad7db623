# Writes a sinogram of a water cylinder from its exact line integrals, as another program would.
#
#   python3 cylinder.py cylinder.h5        (needs numpy and h5py)
import sys

import h5py
import numpy as np

R, D = 600.0, 1100.0  # source to isocentre and to detector, mm
channels, fan_angle, channel_offset = 64, 40.0, 0.25
rows, row_height = 2, 5.0  # at the isocentre, mm
views_per_rotation, pitch, first_angle, first_height = 96, 1.0, 0.3, -10.0
views = 260
water = 0.02  # attenuation, 1/mm
x0, y0, radius = 50.0, 30.0, 80.0  # the cylinder, mm; x and y from the axis of rotation

view = np.arange(views)[:, None, None]
channel = np.arange(channels)[None, :, None]
row = np.arange(rows)[None, None, :]
a = first_angle + 2 * np.pi * view / views_per_rotation
b = (channel - ((channels - 1) / 2 - channel_offset)) * np.radians(fan_angle) / channels
slope = (row - (rows - 1) / 2) * row_height / R
theta, p = a + b, R * np.sin(b)
distance = x0 * np.sin(theta) - y0 * np.cos(theta) - p
chord = 2 * np.sqrt(np.maximum(0, radius**2 - distance**2)) * np.sqrt(1 + slope**2)
lines = np.round(water * chord, 3).astype(np.float32)  # rounded, so that the file is small

with h5py.File(sys.argv[1], "w") as file:
    file.attrs["format"] = "maskct sinogram"
    file.attrs["version"] = 1
    geometry = file.create_group("geometry")
    geometry.attrs["source_to_isocenter"] = R
    geometry.attrs["source_to_detector"] = D
    geometry.attrs["fan_angle"] = fan_angle
    geometry.attrs["channel_offset"] = channel_offset
    geometry.attrs["row_height"] = row_height
    geometry.attrs["views_per_rotation"] = views_per_rotation
    geometry.attrs["pitch"] = pitch
    geometry.attrs["first_angle"] = first_angle
    geometry.attrs["first_height"] = first_height
    geometry.attrs["water_attenuation"] = water
    file.create_group("protocol").attrs["kernel"] = "smooth"
    file.create_dataset(
        "line_integrals", data=lines, chunks=(65, channels, rows), compression="gzip", shuffle=True
    )
