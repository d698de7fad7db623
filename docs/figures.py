"""Remakes the pictures of the documentation with the built command and the Python package.

    pip install -r docs/figures-requirements.txt dist/maskct-*.whl
    python docs/figures.py --labels s0327.nii.gz          # all of them
    python docs/figures.py --labels s0327.nii.gz kernels  # some of them

`--labels` is a label map with the class ids of TotalSegmentator v2 that holds a whole trunk; the published pictures
show subject s0327 of the TotalSegmentator dataset (Wasserthal et al., CC BY 4.0). Everything else is drawn here.
Scans take some minutes of CPU time and are kept in `--work`.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import h5py
import maskct
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import nibabel
import numpy as np
from PIL import Image

PICTURES = Path(__file__).parent / "pictures"
SCHEME = "totalsegmentator-v2"
LIVER = 5
INK, PAPER, ACCENT = "#1b1f24", "#ffffff", "#1f6feb"
plt.rcParams.update(
    {"font.size": 9, "axes.titlesize": 9, "font.family": "DejaVu Sans", "text.color": INK, "axes.edgecolor": "#8b949e"}
)


class Figures:
    """The pictures, each a method; scans that several of them show are made once."""

    def __init__(self, command: str, labels: Path, work: Path) -> None:
        self.command, self.work = command, work
        work.mkdir(parents=True, exist_ok=True)
        self.map = self._trunk(labels)

    def _trunk(self, path: Path) -> Path:
        """The upper abdomen of the label map: 180 mm around the liver, which keeps scans short."""
        image = nibabel.as_closest_canonical(nibabel.load(path))
        labels = np.asarray(image.dataobj).astype(np.uint8)
        heights = np.flatnonzero((labels == LIVER).any(axis=(0, 1)))
        middle, half = int(heights.mean()), int(90 / image.header.get_zooms()[2])
        lower = max(0, middle - half)
        part = self.work / "trunk.nii.gz"
        affine = image.affine.copy()
        affine[:3, 3] += affine[:3, 2] * lower
        nibabel.save(nibabel.Nifti1Image(labels[:, :, lower : middle + half], affine), part)
        return part

    def run(self, *arguments: str | Path) -> None:
        subprocess.run([self.command, *map(str, arguments)], check=True, capture_output=True)

    def scan(self, name: str, body: Path, *arguments: str) -> np.ndarray:
        """A scan by the command, `[x, y, z]` in HU."""
        output = self.work / f"{name}.nii.gz"
        if not output.exists():
            self.run("scan", "--input", body, "--output", output, *arguments)
        return np.asarray(nibabel.load(output).dataobj).astype(np.float32)

    def body(self, recipe: str) -> Path:
        """A painted body on the painting grid, before the scan."""
        output = self.work / f"body-{recipe}.nii.gz"
        if not output.exists():
            generator = maskct.Generator(scheme=SCHEME, targets=["liver"], recipe=recipe, video="dead-leaves", seed=3)
            body = generator.paint(self.map)
            image = nibabel.Nifti1Image(body.hu, body.affine)
            nibabel.save(nibabel.as_closest_canonical(image), output)
        return output

    def labels_on(self, body: Path) -> np.ndarray:
        """The label map on the grid of a body, nearest voxel."""
        target, source = nibabel.load(body), nibabel.load(self.map)
        labels = np.asarray(source.dataobj)
        to = np.linalg.inv(source.affine) @ target.affine
        indices = [np.rint(to[k, k] * np.arange(target.shape[k]) + to[k, 3]).astype(int) for k in range(3)]
        inside = [(i >= 0) & (i < n) for i, n in zip(indices, labels.shape)]
        result = labels[np.ix_(*[i.clip(0, n - 1) for i, n in zip(indices, labels.shape)])]
        return result * np.einsum("i,j,k->ijk", *inside)

    # The pictures.

    def painted_body(self) -> None:
        """A label map, the body painted from it, and its CT: an axial and a coronal slice."""
        path = self.body("video")
        hu = np.asarray(nibabel.load(path).dataobj)
        labels = self.labels_on(path)
        ct = self.scan("ct-video", path, "--seed", "5")
        liver = np.argwhere(labels == LIVER).mean(axis=0).astype(int)
        x, y, z = self._box(hu)
        figure, axes = plt.subplots(2, 3, figsize=(9, 5.1), height_ratios=[1, 0.82])
        for column, (title, volume) in enumerate(
            [("label map", None), ("painted body", hu), ("simulated CT", ct)]
        ):
            cuts = [(slice(x[0], x[1]), slice(y[0], y[1]), liver[2]), (slice(x[0], x[1]), liver[1], slice(z[0], z[1]))]
            for row, cut in enumerate(cuts):
                if volume is None:
                    axes[row, column].imshow(self._coloured(labels[cut]), origin="lower", interpolation="nearest")
                else:
                    self._ct(axes[row, column], volume[cut])
                axes[row, column].axis("off")
            axes[0, column].set_title(title)
        self._save(figure, "painted-body.png", colours=128)

    def recipes(self) -> None:
        """The same slice by the four recipes."""
        figure, axes = plt.subplots(2, 2, figsize=(7.2, 5.8))
        for axis, recipe in zip(axes.flat, ["cylinder", "constant", "video", "maskct"]):
            case = self.work / f"case-{recipe}.npz"
            if not case.exists():
                made = maskct.Generator(
                    scheme=SCHEME, targets=["liver"], recipe=recipe, video="dead-leaves", seed=4
                ).generate(self.map)
                np.savez_compressed(case, ct=made.ct, labels=made.labels)
            data = np.load(case)
            z = int(np.argwhere(data["labels"] == 1).mean(axis=0)[2])
            self._ct(axis, data["ct"][:, :, z])
            axis.contour(data["labels"][::-1, :, z].T == 1, levels=[0.5], colors=["#ffb000"], linewidths=0.9)
            axis.set_title(recipe, family="monospace")
        self._save(figure, "recipes.png", colours=96)

    def sinogram(self) -> None:
        """Readings of one detector row over the rotations, beside the reconstructed slice."""
        path, file = self.body("video"), self.work / "scan.h5"
        if not file.exists():
            self.run("scan", "--input", path, "--sinogram", file, "--seed", "5")
        with h5py.File(file) as sinogram:
            lines = sinogram["line_integrals"]
            views = int(sinogram["geometry"].attrs["views_per_rotation"])
            first = (lines.shape[0] - 2 * views) // 2
            row = lines[first : first + 2 * views, :, lines.shape[2] // 2]
        figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=[1.25, 1])
        axes[0].imshow(row.T, cmap="gray", aspect="auto", origin="lower", extent=(0, 2, 0, row.shape[1]))
        axes[0].set(xlabel="rotation", ylabel="channel", title="line integrals of one detector row")
        ct = self.scan("ct-video", path, "--seed", "5")
        x, y, _ = self._box(ct)
        self._ct(axes[1], ct[x[0] : x[1], y[0] : y[1], ct.shape[2] // 2])
        axes[1].set(title="a slice reconstructed from all rows")
        self._save(figure, "sinogram.png", colours=64)

    def kernels(self) -> None:
        """One scan, reconstructed with each kernel."""
        file = self.work / "phantom.h5"
        body = self._resolution_phantom()
        if not file.exists():
            self.run("scan", "--input", body, "--sinogram", file, "--mas", "300")
        figure, axes = plt.subplots(1, 4, figsize=(9, 2.6))
        for axis, kernel in zip(axes, ["smooth", "standard", "sharp", "bone"]):
            output = self.work / f"kernel-{kernel}.nii.gz"
            if not output.exists():
                self.run("reconstruct", "--sinogram", file, "--output", output, "--kernel", kernel)
            image = np.asarray(nibabel.load(output).dataobj)[:, :, 10]
            self._ct(axis, image, window=(50, 900), mirrored=False)
            axis.set_title(kernel, family="monospace")
        self._save(figure, "kernels.png", colours=64)

    def noise(self) -> None:
        """Noise in water against mAs, with slices at three of them."""
        body = self._water()
        doses = [12.5, 25, 50, 100, 200, 400, 800]
        deviations, shown = [], {}
        for dose in doses:
            image = self.scan(f"water-{dose:g}", body, "--mas", f"{dose:g}")
            centre = image.shape[0] // 2
            region = image[centre - 20 : centre + 20, centre - 20 : centre + 20, 2:-2]
            deviations.append(float(region.std()))
            if dose in (25, 100, 400):
                shown[dose] = image[:, :, image.shape[2] // 2]
        figure, axes = plt.subplots(1, 4, figsize=(9, 2.7), width_ratios=[1, 1, 1, 1.35])
        for axis, (dose, image) in zip(axes, shown.items()):
            self._ct(axis, image, window=(0, 250), mirrored=False)
            axis.set_title(f"{dose:g} mAs")
        axis = axes[3]
        theory = deviations[doses.index(200)] * np.sqrt(200 / np.array(doses))
        axis.loglog(doses, theory, color="#8b949e", linewidth=1, linestyle="--", label="1/√mAs")
        axis.loglog(doses, deviations, "o", color=ACCENT, markersize=4, label="measured")
        axis.set(xlabel="mAs", ylabel="noise, HU", title="32 cm of water")
        axis.set_xticks([12.5, 50, 200, 800], ["12.5", "50", "200", "800"])
        axis.set_yticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
        axis.minorticks_off()
        axis.legend(frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
        print("noise, HU:", dict(zip(doses, [round(value, 1) for value in deviations])))
        self._save(figure, "noise-dose.png", colours=128)

    def voltages(self) -> None:
        """Contrast medium and bone at four tube voltages."""
        figure, axes = plt.subplots(1, 4, figsize=(9, 2.7))
        hu, iodine = self._vessels()
        for axis, kvp in zip(axes, [70, 80, 120, 140]):
            image = self.scan(
                f"kvp-{kvp}", hu, "--iodine", str(iodine), "--kvp", str(kvp), "--mas", "400"
            )
            self._ct(axis, image[:, :, image.shape[2] // 2], window=(100, 800), mirrored=False)
            axis.set_title(f"{kvp} kVp")
        self._save(figure, "voltages.png", colours=64)

    def mr_protocols(self) -> None:
        """One painted body as CT and by MR protocols."""
        protocols = [
            "t2-spir", "t2-haste", "trufi", "t1-in-phase", "t1-opposed-phase", "vibe-dixon", "stir-head-neck",
        ]  # fmt: skip
        maps = self.work / "mr-map"
        maps.mkdir(exist_ok=True)
        (maps / "s0327.nii.gz").write_bytes(self.map.read_bytes())
        images = {}
        for number, protocol in enumerate(protocols, start=821):
            dataset = self.work / "nnUNet_raw" / f"Dataset{number}_{protocol.title().replace('-', '')}"
            if not (dataset / "dataset.json").exists():
                modality = "mr" if images else "ct,mr"
                self.run(
                    "generate", "--labels", maps, "--scheme", SCHEME, "--target", "liver", "--recipe", "video",
                    "--video", "dead-leaves", "--modality", modality, "--protocol", protocol, "--spacing", "1.4,1.4,5",
                    "--seed", "3", "--output", dataset,
                )  # fmt: skip
            found = sorted((dataset / "imagesTr").glob("*.nii.gz"))
            if len(found) == 2:
                images["CT"] = found[0]
            images[protocol] = found[-1]
        labels = sorted((self.work / "nnUNet_raw" / "Dataset821_T2Spir" / "labelsTr").glob("*"))[0]
        middle = int(np.argwhere(np.asarray(nibabel.load(labels).dataobj) == 1).mean(axis=0)[2])
        figure, axes = plt.subplots(2, 4, figsize=(9, 3.9))
        for axis, (name, path) in zip(axes.flat, images.items()):
            volume = np.asarray(nibabel.load(path).dataobj).astype(np.float32)
            top = float(np.percentile(volume, 99.3))
            self._ct(axis, volume[:, :, middle], window=(40, 400) if name == "CT" else (top / 2, top))
            axis.set_title(name, family="monospace")
        self._save(figure, "mr-protocols.png", colours=96)

    def tutorial(self) -> None:
        """What `maskct view` draws of a label map and of generated cases."""
        labels = self.work / "tutorial-labels.png"
        self.run(
            "view", self.map, "--scheme", SCHEME, "--target", "liver", "--output", labels, "--width", "900", "--overwrite"
        )
        dataset = self.work / "nnUNet_raw" / "Dataset503_Liver"
        if not (dataset / "dataset.json").exists():
            folder = self.work / "maps"
            folder.mkdir(exist_ok=True)
            (folder / "s0327.nii.gz").write_bytes(self.map.read_bytes())
            self.run(
                "generate", "--labels", folder, "--scheme", SCHEME, "--target", "liver", "--cases", "3", "--spacing", "2",
                "--output", dataset, "--seed", "7",
            )  # fmt: skip
        cases = self.work / "tutorial-cases.png"
        self.run("view", dataset, "--target", "liver", "--output", cases, "--width", "900", "--overwrite")
        for path in (labels, cases):
            picture = Image.open(path).convert("RGB").quantize(48, dither=Image.Dither.NONE)
            picture.save(PICTURES / path.name, optimize=True)

    # Phantoms.

    def _write(self, name: str, hu: np.ndarray, spacing: tuple[float, float, float]) -> Path:
        path = self.work / f"{name}.nii.gz"
        affine = np.diag([*spacing, 1.0])
        affine[:3, 3] = -0.5 * np.array(spacing) * (np.array(hu.shape) - 1)
        nibabel.save(nibabel.Nifti1Image(hu, affine), path)
        return path

    def _disc(self, n: int, spacing: float, radius: float, at: tuple[float, float] = (0, 0)) -> np.ndarray:
        """How much of each pixel a disc covers."""
        fine = 5
        axis = (np.arange(n * fine) - (n * fine - 1) / 2) * spacing / fine
        inside = (axis[:, None] - at[0]) ** 2 + (axis[None, :] - at[1]) ** 2 < radius**2
        return inside.reshape(n, fine, n, fine).mean(axis=(1, 3))

    def _water(self) -> Path:
        disc = self._disc(174, 2.0, 160)
        slices = np.repeat((1000 * disc - 1000)[:, :, None], 9, axis=2)
        return self._write("water", slices.astype(np.int16), (2, 2, 5))

    def _resolution_phantom(self) -> Path:
        """Bars of 3 to 8 lp/cm and rods in a disc of soft tissue, voxels of 0.25 mm."""
        n, spacing = 400, 0.25
        fine = 4
        axis = (np.arange(n * fine) - (n * fine - 1) / 2) * spacing / fine
        x, y = axis[:, None], axis[None, :]
        hu = np.where(x**2 + y**2 < 46**2, 50.0, -1000.0)
        places = [(-22, 16), (0, 16), (22, 16), (-22, -8), (0, -8), (22, -8)]
        for frequency, (cx, cy) in zip([3, 4, 5, 6, 7, 8], places):
            inside = (abs(x - cx) < 8) & (abs(y - cy) < 8)
            bars = np.floor((x - cx + 100) * frequency / 10 * 2).astype(int) % 2 == 0
            hu = np.where(inside & bars, 700.0, hu)
        for index, radius in enumerate([0.3, 0.5, 0.8, 1.2, 2.0]):
            hu = np.where((x + 24 - 12 * index) ** 2 + (y + 30) ** 2 < radius**2, 900.0, hu)
        hu = hu.reshape(n, fine, n, fine).mean(axis=(1, 3))
        slices = np.repeat(hu[:, :, None], 20, axis=2)
        return self._write("bars", slices.astype(np.int16), (spacing, spacing, 1))

    def _vessels(self) -> tuple[Path, Path]:
        """Rods of iodine and of bone in 24 cm of water."""
        n, spacing = 176, 1.5
        hu = 1000 * self._disc(n, spacing, 120) - 1000
        iodine = np.zeros((n, n))
        for angle, concentration in zip(np.radians([90, 30, 330, 270]), [2, 5, 10, 15]):
            rod = self._disc(n, spacing, 14, (70 * np.cos(angle), 70 * np.sin(angle)))
            iodine += concentration * rod
            hu += 26 * concentration * rod
        for angle in np.radians([150, 210]):
            hu += 900 * self._disc(n, spacing, 14, (70 * np.cos(angle), 70 * np.sin(angle)))

        def stack(plane: np.ndarray) -> np.ndarray:
            return np.repeat(plane[:, :, None], 7, axis=2)

        return (
            self._write("vessels", stack(hu).astype(np.int16), (spacing, spacing, 5)),
            self._write("iodine", stack(iodine).astype(np.float32), (spacing, spacing, 5)),
        )

    # Drawing.

    @staticmethod
    def _box(hu: np.ndarray) -> list[tuple[int, int]]:
        """Bounds of what is denser than air."""
        inside = hu > -500
        bounds = []
        for axis in range(3):
            places = np.flatnonzero(inside.any(axis=tuple(k for k in range(3) if k != axis)))
            bounds.append((max(0, places[0] - 3), places[-1] + 4))
        return bounds

    @staticmethod
    def _ct(axis, plane: np.ndarray, window: tuple[float, float] = (40, 400), mirrored: bool = True) -> None:
        """A slice in a window of level and width; mirrored, a patient's right is on the left, as radiologists look at it."""
        shown = plane[::-1] if mirrored else plane
        level, width = window
        axis.imshow(
            shown.T, cmap="gray", origin="lower", vmin=level - width / 2, vmax=level + width / 2, interpolation="bilinear"
        )
        axis.axis("off")

    @staticmethod
    def _coloured(plane: np.ndarray) -> np.ndarray:
        rng = np.random.default_rng(11)
        colours = np.vstack([[0, 0, 0], 0.25 + 0.7 * rng.random((255, 3))])
        colours[LIVER] = [1.0, 0.69, 0.0]
        return colours[plane.T[:, ::-1].astype(int)]

    @staticmethod
    def _save(figure, name: str, colours: int) -> None:
        figure.tight_layout(pad=0.5)
        path = PICTURES / name
        figure.savefig(path, dpi=110, facecolor=PAPER, bbox_inches="tight", pad_inches=0.05)
        plt.close(figure)
        Image.open(path).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        print(path.name, path.stat().st_size // 1000, "kB")


def main() -> None:
    names = ["painted_body", "recipes", "sinogram", "kernels", "noise", "voltages", "mr_protocols", "tutorial"]
    parser = argparse.ArgumentParser(description="Remakes the pictures of the documentation.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which pictures, of {', '.join(names)} (default: all)")
    parser.add_argument("--labels", type=Path, required=True, help="label map, class ids of TotalSegmentator v2")
    parser.add_argument("--command", default="maskct", help="the command (default: maskct)")
    parser.add_argument("--work", type=Path, default=Path(".build/figures"), help="folder for scans")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"there is no picture '{unknown[0]}'; choose of {', '.join(names)}")
    PICTURES.mkdir(exist_ok=True)
    figures = Figures(options.command, options.labels, options.work)
    for name in options.names or names:
        getattr(figures, name)()


if __name__ == "__main__":
    main()
