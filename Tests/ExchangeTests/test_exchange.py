"""Tests of the Python side, run by `PythonSideTests` in the managed environment.

By hand: python Tests/ExchangeTests/test_exchange.py (with what requirements-dicom.txt pins).
"""

import itertools
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy as np
import pydicom

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RESOURCES = os.path.join(ROOT, "Sources", "Learning", "Exchange", "Resources")
sys.path.insert(0, RESOURCES)

import exchange_contours as contours
import exchange_inputs as inputs
import exchange_labels as readers
import exchange_paint as painter
import exchange_write as writer
import maskct_exchange as entry
from exchange_series import LPS_TO_RAS, Grid, Series, Unusable

STRUCTURES = [
    {"id": 1, "name": "liver", "code": "10200004", "meaning": "Liver", "side": "", "color": [221, 130, 101]},
    {"id": 2, "name": "kidney_left", "code": "64033007", "meaning": "Kidney", "side": "left", "color": [185, 102, 83]},
    {"id": 7, "name": "liver_cyst", "color": [10, 20, 30]},
]
REQUEST = {"algorithm": "MaskCT", "version": "0.0.0", "description": "test", "structures": STRUCTURES,
           "format": "dicom-seg", "spacing": 1.0}


def phantom() -> np.ndarray:
    """A hollow ellipsoid with a part inside, a second part, and one of a few voxels; nothing symmetric."""
    x, y, z = np.indices((40, 36, 14)).astype(float)
    labels = np.zeros(x.shape, np.uint8)
    labels[((x - 18) / 15) ** 2 + ((y - 16) / 12) ** 2 + ((z - 6) / 5) ** 2 < 1] = 1
    labels[((x - 15) / 6) ** 2 + ((y - 15) / 5) ** 2 + ((z - 6) / 3) ** 2 < 1] = 0
    labels[(abs(x - 14) < 2) & (abs(y - 14) < 2) & (abs(z - 6) < 2)] = 2
    labels[35:38, 30:33, 9:12] = 2
    labels[1, 34, 12] = 7
    return labels


def dice(a, b) -> float:
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


def canonical(voxels, grid):
    """Voxels on the LPS grid of the same places."""
    order = np.abs(grid.affine[:3, :3]).argmax(axis=1)
    voxels = voxels.transpose(order)
    for axis in range(3):
        if grid.affine[axis, order[axis]] < 0:
            voxels = np.flip(voxels, axis)
    return voxels


class Workplace(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.events = []
        entry.report = self.events.append
        if "scratch" in entry._state:
            entry._state["scratch"].cleanup()
        entry._state.clear()

    def path(self, *parts):
        result = os.path.join(self._folder.name, *parts)
        os.makedirs(os.path.dirname(result), exist_ok=True)
        return result

    def write_labels(self, labels, affine=None):
        grid = Grid(labels.shape, np.diag([1.5, 1.5, 3, 1.0]) if affine is None else affine)
        path = self.path("labels.nii.gz")
        painter.write_nifti(labels, grid, path)
        return path, grid

    def write_series(self, grid, name="ct"):
        image = np.full(grid.shape, 40, np.int16)
        return writer.write_ct_series(image, grid, {"name": name, "images_output": self.path(name, "")}, REQUEST)

    def bring_in(self, path, spacing=1.0):
        """Imports everything below a path; returns the scan and the label maps by case."""
        found = entry.scan({"input": path})
        entry.convert({"spacing": spacing, "cases": [
            {"index": index, "name": case["name"], "output": self.path("out", case["name"] + ".nii.gz"),
             "ids": [{"file": s["file"], "number": s["number"], "id": next(
                 (t["id"] for t in STRUCTURES if t["name"] == s["name"]), s["number"])} for s in case["segments"]]}
            for index, case in enumerate(found["cases"])]})
        self.cases = {e["name"]: e for e in self.events if e["event"] == "case"}
        self.reasons = {s["file"]: s["reason"] for s in found["skipped"]}
        return found, {name: painter.read_nifti(self.path("out", name + ".nii.gz"))
                       for name, event in self.cases.items() if "error" not in event}


class Contours(unittest.TestCase):
    def test_outlines_give_back_every_mask(self):
        random = np.random.default_rng(1)
        for _ in range(200):
            mask = random.random((random.integers(1, 16), random.integers(1, 16))) < random.random()
            filled, notes = contours.fill([(p, False) for p in contours.outline(mask)], mask.shape)
            np.testing.assert_array_equal(filled, mask)
            # Other programs know nothing of holes: one polygon after the other, even-odd.
            plain = np.zeros_like(mask)
            for polygon in contours.outline(mask):
                plain ^= contours.raster(polygon, mask.shape)[0]
            np.testing.assert_array_equal(plain, mask)

    def test_a_keyhole_meets_no_centre_outside(self):
        # In this mask the shortest channel to a hole runs through a pixel of another one.
        mask = np.random.default_rng(15).random((40, 40)) < 0.7
        np.testing.assert_array_equal(contours.fill([(p, False) for p in contours.outline(mask)], mask.shape)[0], mask)

    def test_a_disc_has_the_pixels_of_the_formula(self):
        angle = np.linspace(0, 2 * np.pi, 20000, endpoint=False)
        disc = np.column_stack([50.3 + 30 * np.cos(angle), 49.1 + 30 * np.sin(angle)])
        y, x = np.indices((100, 100))
        expected = (x - 50.3) ** 2 + (y - 49.1) ** 2 < 900
        inside, _ = contours.raster(disc, (100, 100))
        self.assertLessEqual(np.count_nonzero(inside ^ expected), 1)

    def test_contours_from_centre_to_centre_keep_their_edge(self):
        square = np.array([[2, 2], [6, 2], [6, 5], [2, 5]], float)
        mask, _ = contours.fill([(square, False)], (10, 10))
        self.assertEqual(mask.sum(), 5 * 4)
        self.assertTrue(mask[2, 2] and mask[5, 6])

    def square(self, low, high):
        return np.array([[low, low], [high, low], [high, high], [low, high]], float)

    def test_holes_islands_overlaps_and_doubles(self):
        outer, hole, island = self.square(0.5, 20.5), self.square(4.5, 16.5), self.square(8.5, 12.5)
        for order in itertools.permutations([outer, hole, island]):
            mask, notes = contours.fill([(p, False) for p in order], (24, 24))
            self.assertEqual(mask.sum(), 400 - 144 + 16)
            self.assertEqual(notes, [])
        mask, notes = contours.fill([(outer, False), (outer[::-1], False)], (24, 24))
        self.assertEqual((mask.sum(), notes), (400, ["a contour is there twice"]))
        mask, notes = contours.fill([(self.square(0.5, 10.5), False), (self.square(5.5, 15.5), False)], (24, 24))
        self.assertEqual(mask.sum(), 100 + 100 - 25)
        self.assertIn("united", notes[0])
        mask, _ = contours.fill([(self.square(0.5, 10.5), True), (self.square(5.5, 15.5), True)], (24, 24))
        self.assertEqual(mask.sum(), 150)

    def test_a_keyhole_is_a_hole(self):
        keyhole = np.array([[0.5, 0.5], [20.5, 0.5], [20.5, 20.5], [0.5, 20.5], [0.5, 10.2], [5.5, 10.2], [5.5, 15.5],
                            [15.5, 15.5], [15.5, 5.5], [5.5, 5.5], [5.5, 10.2], [0.5, 10.2]])
        mask, _ = contours.fill([(keyhole, False)], (24, 24))
        self.assertEqual(mask.sum(), 400 - 100)

    def test_a_polygon_beyond_the_image_is_cut(self):
        mask, _ = contours.fill([(self.square(-1e6, 4.5), False)], (10, 10))
        self.assertEqual(mask.sum(), 25)


class RoundTrips(Workplace):
    def test_every_order_of_axes_comes_back(self):
        """All eight directions of the axes, and every order of them: 48 label maps against one scan."""
        labels = phantom()
        for turn, order in enumerate(itertools.permutations(range(3))):
            for flips in itertools.product((1, -1), repeat=3):
                if turn and sum(flips) != 1 - 2 * (turn % 2):
                    continue  # all eight directions for the first order, three or one for the others
                affine = np.diag([1.5, 1.7, 3.0, 1.0])
                affine[:3, 3] = (-100.5, 20.25, 300)
                voxels, grid = labels.transpose(order), Grid((), affine[:, [*order, 3]])
                for axis in range(3):
                    if flips[axis] < 0:
                        voxels = np.flip(voxels, axis)
                        grid.affine[:3, 3] += grid.affine[:3, axis] * (voxels.shape[axis] - 1)
                        grid.affine[:3, axis] *= -1
                grid.shape = voxels.shape
                with self.subTest(order=order, flips=flips):
                    series = self.write_series(grid)
                    placed = writer.on_grid(voxels, grid, series.grid)
                    np.testing.assert_array_equal(placed, labels)
                    self.assertGreater(np.linalg.det(series.grid.affine[:3, :3]), 0)

    def check_exact(self, name, write):
        labels = phantom()
        path, grid = self.write_labels(labels)
        series = self.write_series(grid)
        write(path, series)
        found, maps = self.bring_in(self.path(""))
        self.assertEqual(list(maps), [name])
        voxels, back = maps[name]
        np.testing.assert_array_equal(canonical(voxels, back), labels)
        np.testing.assert_allclose(back.affine, grid.affine, atol=1e-4)
        segment = found["cases"][0]["segments"][1]
        self.assertEqual((segment["name"], segment["code"], segment["side"]), ("kidney_left", "64033007", "left"))
        return found

    def wish(self, path, series, form, suffix):
        output = self.path("given", f"case{suffix}")
        writer.write_case({"name": "case", "labels": path, "series": series.uid, "output": output},
                          {**REQUEST, "format": form}, {series.uid: series})
        return output

    def test_segmentation(self):
        found = self.check_exact("ct", lambda p, s: self.wish(p, s, "dicom-seg", ".dcm"))
        self.assertEqual(found["cases"][0]["series"], found["images"][0]["uid"])

    def test_structure_set(self):
        self.check_exact("ct", lambda p, s: self.wish(p, s, "rtstruct", ".dcm"))

    def test_every_format_needs_no_other_before_it(self):
        """In a process of its own each, so that no module is there by another's import."""
        path, grid = self.write_labels(phantom())
        self.write_series(grid)
        for form in ("rtstruct", "nrrd", "dicom-seg"):
            output = self.path("alone", f"a.{form}.seg.nrrd")
            script = (
                "import maskct_exchange as entry; told = []; entry.report = told.append\n"
                f"found = entry.scan({{'input': {self.path('ct')!r}}})\n"
                f"entry.export({{**{ {**REQUEST, 'format': form}!r}, 'cases': [{{'name': 'a', 'labels': {path!r}, "
                f"'series': found['images'][0]['uid'], 'output': {output!r}}}]}})\n"
                "assert 'error' not in told[-1], told")
            result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=RESOURCES, text=True,
                                    capture_output=True)
            self.assertEqual(result.returncode, 0, result.stderr[-2000:])
            self.assertTrue(os.path.exists(output))

    def test_slicers_nrrd(self):
        self.check_exact("case", lambda p, s: self.wish(p, s, "nrrd", ".seg.nrrd"))

    def test_structure_set_without_its_series(self):
        labels = phantom()
        path, grid = self.write_labels(labels)
        series = self.write_series(grid)
        target = self.wish(path, series, "rtstruct", ".dcm")
        found, maps = self.bring_in(target, spacing=0.75)
        voxels, back = maps["ct"]
        self.assertIn("made from the contours", self.cases["ct"]["notes"][0])
        # As wide as a planning CT, about the middle of the contours.
        drawn = np.argwhere(voxels)
        self.assertTrue((np.array(voxels.shape[:2]) * 0.75 >= 500).all(), voxels.shape)
        middle = (drawn.min(axis=0) + drawn.max(axis=0)) / 2
        np.testing.assert_allclose(middle[:2], (np.array(voxels.shape[:2]) - 1) / 2, atol=2)
        # On a grid of half the spacing, compared about the contours by sampling the phantom at its voxels.
        low, high = np.maximum(drawn.min(axis=0) - 4, 0), drawn.max(axis=0) + 5
        voxels = voxels[tuple(slice(a, b) for a, b in zip(low, high))]
        places = (np.argwhere(np.ones(voxels.shape, bool)) + low) @ back.affine[:3, :3].T + back.affine[:3, 3]
        index = np.rint(grid.index(places)).astype(int)
        inside = ((index >= 0) & (index < labels.shape)).all(axis=1)
        expected = np.zeros(voxels.size, np.uint8)
        expected[inside] = labels[tuple(index[inside].T)]
        expected = expected.reshape(voxels.shape)
        self.assertGreater(dice(voxels == 1, expected == 1), 0.95)
        self.assertAlmostEqual(self.cases["ct"]["segments"][0]["ml"],
                               np.count_nonzero(labels == 1) * 1.5 * 1.5 * 3 / 1000, delta=0.05)

    def test_segmentation_without_its_series(self):
        labels = phantom()
        path, grid = self.write_labels(labels)
        target = self.wish(path, self.write_series(grid), "dicom-seg", ".dcm")
        _, maps = self.bring_in(target)
        voxels, back = maps["ct"]
        used = np.flatnonzero(labels.any(axis=(0, 1)))
        np.testing.assert_array_equal(voxels, labels[:, :, used[0]:used[-1] + 1])
        np.testing.assert_allclose(back.affine[:3, 3], [0, 0, 3.0 * used[0]], atol=1e-4)

    def test_image_in_hounsfield_units(self):
        random = np.random.default_rng(2)
        image = random.integers(-1024, 2000, (9, 8, 7)).astype(np.int16)
        grid = Grid(image.shape, np.diag([0.7, 0.9, 2.5, 1.0]))
        written = writer.write_ct_series(image, grid, {"name": "a", "images_output": self.path("a", "")}, REQUEST)
        series = Series(written.uid, [(p, pydicom.dcmread(p)) for p, _ in written.headers][::-1])
        np.testing.assert_array_equal(series.hounsfield(), image)
        np.testing.assert_allclose(series.grid.affine, grid.affine)


class Geometry(Workplace):
    def series(self, change) -> Series:
        made = self.write_series(Grid((12, 10, 6), np.diag([1, 1, 2.0, 1])))
        headers = [(p, pydicom.dcmread(p)) for p, _ in made.headers]
        for index, (path, header) in enumerate(headers):
            change(index, header)
            header.save_as(path)
        return Series(made.uid, headers)

    def move(self, index, header, by):
        header.ImagePositionPatient = [float(x) + d for x, d in zip(header.ImagePositionPatient, by)]

    def test_uneven_slices_are_refused(self):
        with self.assertRaisesRegex(Unusable, "5.00 mm after slice 3, 2.00 mm"):
            self.series(lambda k, h: self.move(k, h, (0, 0, 3 if k > 2 else 0))).arrange()

    def test_slices_in_one_place_are_refused(self):
        with self.assertRaisesRegex(Unusable, "one place"):
            self.series(lambda k, h: self.move(k, h, (0, 0, -2 if k == 3 else 0))).arrange()

    def test_a_tilted_gantry_is_resampled(self):
        def tilt(index, header):
            ramp = np.tile(np.arange(10, dtype="<i2")[:, None] * 100, (1, 12))
            header.PixelData = (ramp + 30 * index).astype("<i2").tobytes()
            self.move(index, header, (0, 0.3 * index, 0))

        series = self.series(tilt).arrange()
        image = series.hounsfield()
        # The ramp grows by 100 a row; 0.3 mm a slice further back it reads 30 less, which the slice adds.
        np.testing.assert_allclose(image[:, 3:, :], np.broadcast_to(
            np.arange(3, 10)[None, :, None] * 100, image[:, 3:, :].shape), atol=1)
        self.assertIn("tilted by 8.5 degrees", series.notes[0])
        self.assertEqual(series.grid.affine[1, 2], 0)

    def test_gaps(self):
        square = np.array([[1.5, 1.5], [9.5, 1.5], [9.5, 9.5], [1.5, 9.5]])
        grid = Grid((12, 12, 12), np.eye(4))

        def fill(levels):
            notes = []
            planes = [(np.column_stack([square, np.full(4, float(z))]), False) for z in levels]
            return readers._fill_structure(1, planes, grid, notes), notes

        mask, notes = fill([0, 2, 4, 6])
        self.assertEqual(mask.voxels.shape, (8, 8, 7))
        self.assertEqual(mask.count, 7 * 64)
        self.assertIn("every 2nd slice", notes[0])
        mask, notes = fill([0, 1, 2, 6, 7, 8])
        self.assertEqual(mask.count, 6 * 64)
        self.assertIn("left empty", notes[0])
        mask, notes = fill([-3, 0, 1])
        self.assertEqual((mask.count, notes), (128, ["1 contour lies beyond the images"]))


class Hostile(Workplace):
    def test_damaged_files_are_told_in_one_line_each(self):
        path, grid = self.write_labels(phantom())
        series = self.write_series(grid)
        good = {}
        for form, suffix in (("dicom-seg", "seg.dcm"), ("rtstruct", "rt.dcm"), ("nrrd", "a.seg.nrrd")):
            output = self.path("good", suffix)
            writer.write_case({"name": "c", "labels": path, "series": series.uid, "output": output},
                              {**REQUEST, "format": form}, {series.uid: series})
            good[suffix] = open(output, "rb").read()
        random = np.random.default_rng(3)
        for suffix, data in good.items():
            for trial in range(25):
                broken = bytearray(data[:random.integers(1, len(data))] if trial % 2 else data)
                if trial % 2 == 0:
                    for _ in range(8):
                        broken[random.integers(0, len(broken))] = random.integers(0, 256)
                with open(self.path("bad", f"{trial:02d}{suffix}"), "wb") as file:
                    file.write(broken)
        with open(self.path("bad", "empty.dcm"), "wb"):
            pass
        before = set(os.listdir(self.path("")))
        found, _ = self.bring_in(self.path("bad"))
        self.assertEqual(set(os.listdir(self.path(""))) - before, {"out"})
        told = [s["reason"] for s in found["skipped"]] + [e["error"] for e in self.events if "error" in e]
        self.assertTrue(told)
        for line in told:
            self.assertEqual(line.count("\n"), 0)
            self.assertLess(len(line), 400)

    def test_a_copy_of_a_slice_counts_once(self):
        _, grid = self.write_labels(phantom())
        series = self.write_series(grid, "ct")
        with open(series.headers[0][0], "rb") as file:
            data = file.read()
        with open(self.path("ct", "copy.dcm"), "wb") as file:
            file.write(data)
        found = entry.scan({"input": self.path("ct")})
        self.assertEqual(found["images"][0]["files"], len(series.headers))
        self.assertIn("another copy", found["skipped"][0]["reason"])

    def test_names_stay_inside(self):
        for name in ("../../etc/passwd", "/etc/passwd", "a/b", "..", "con\x00trol\n", "äöü", ""):
            safe = inputs.safe(name)
            self.assertNotIn("/", safe)
            self.assertFalse(safe.startswith("."))
        path, grid = self.write_labels(phantom())
        series = self.write_series(grid)
        target = self.path("given", "rt.dcm")
        writer.write_case({"name": "c", "labels": path, "series": series.uid, "output": target},
                          {**REQUEST, "format": "rtstruct"}, {series.uid: series})
        data = pydicom.dcmread(target)
        data.PatientID = "../../../outside"
        data.StructureSetROISequence[0].ROIName = "../liver\n\u202e"
        data.save_as(target)
        found, maps = self.bring_in(target)
        self.assertEqual(list(maps), ["outside"])
        self.assertEqual(found["cases"][0]["segments"][0]["name"], "../liver")

    def test_a_zip_writes_nothing_outside(self):
        path, grid = self.write_labels(phantom())
        series = self.write_series(grid)
        with zipfile.ZipFile(self.path("a.zip"), "w") as archive:
            for index, (file, _) in enumerate(series.headers):
                archive.write(file, f"../../escaped/{index}.dcm")
            archive.writestr("/absolute.dcm", b"nothing")
            archive.writestr("inner.zip", b"PK")
        before = set(os.listdir(self.path("")))
        found, _ = self.bring_in(self.path("a.zip"))
        self.assertEqual(set(os.listdir(self.path(""))) - before, set())
        self.assertFalse(os.path.exists(self.path("..", "..", "escaped")))
        self.assertEqual(found["images"][0]["files"], len(series.headers))
        self.assertIn("unpack it first", self.reasons["a.zip/inner.zip"])
        with open(self.path("b.zip"), "wb") as file:
            file.write(open(self.path("a.zip"), "rb").read()[:500])
        self.bring_in(self.path("b.zip"))
        self.assertIn("damaged zip", self.reasons["b.zip"])

    def test_a_header_that_promises_too_much_is_refused(self):
        with open(self.path("huge", "a.nrrd"), "w") as file:
            file.write("NRRD0004\ntype: uchar\ndimension: 3\nsizes: 90000 90000 90000\nencoding: raw\n\nabc")
        self.bring_in(self.path("huge"))
        self.assertIn("90000 x 90000", self.reasons["a.nrrd"])

    def test_many_contours(self):
        grid = Grid((64, 64, 10), np.eye(4))
        random = np.random.default_rng(4)
        planes = []
        for k in range(2000):
            centre = random.uniform(2, 60, 2)
            square = centre + np.array([[-1.2, -1.2], [1.2, -1.2], [1.2, 1.2], [-1.2, 1.2]])
            planes.append((np.column_stack([square, np.full(4, float(k % 10))]), False))
        notes = []
        mask = readers._fill_structure(1, planes, grid, notes)
        self.assertGreater(mask.count, 5000)

    def test_the_wrong_class_is_named(self):
        _, grid = self.write_labels(phantom())
        series = self.write_series(grid)
        path = series.headers[0][0]
        data = pydicom.dcmread(path)
        data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.2"
        data.save_as(self.path("dose", "dose.dcm"))
        self.bring_in(self.path("dose"))
        self.assertIn("RT Dose Storage", self.reasons["dose.dcm"])


class Painting(unittest.TestCase):
    def test_the_smaller_structure_is_seen(self):
        grid = Grid((10, 10, 10), np.eye(4))
        organ = readers.Mask(1, (1, 1, 1), np.ones((8, 8, 8), bool))
        tumour = readers.Mask(2, (3, 3, 3), np.ones((2, 2, 2), bool))
        labels, hidden = painter.paint(grid, [tumour, organ], {1: 5, 2: 6})
        self.assertEqual(((labels == 5).sum(), (labels == 6).sum()), (512 - 8, 8))
        self.assertEqual(hidden, {1: 8})


if __name__ == "__main__":
    unittest.main()
