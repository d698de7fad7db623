"""The Python interface against the command. Run by scripts/test-wheel.sh with the wheel installed."""

import importlib.util
import multiprocessing
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import maskct
import numpy as np
import phantom

SETTINGS = {"targets": ["liver"], "recipe": "constant", "seed": 7, "scanner": "rows16"}
EXAMPLES = Path(__file__).parent.parent / "examples"


def in_worker(generator: maskct.Generator) -> bytes:
    return generator.generate(phantom.labels(), affine=phantom.AFFINE, name="case").ct.tobytes()


class TestCommandAndPython(unittest.TestCase):
    """One run of the command for all tests here."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        root = Path(cls.folder.name)
        (root / "maps").mkdir()
        cls.file = root / "maps" / "case.nii"
        phantom.write(cls.file, phantom.labels())
        cls.scheme = root / "two.yaml"
        cls.scheme.write_text(phantom.SCHEME)
        cls.dataset = root / "nnUNet_raw" / "Dataset501_Test"
        cls.command = [
            "maskct", "generate", "--labels", cls.file.parent, "--scheme", cls.scheme, "--target", "liver",
            "--recipe", "constant", "--seed", "7", "--scanner", "rows16",
        ]  # fmt: skip
        cls.run_command("--cases", "3", "--output", cls.dataset)
        cls.ct = phantom.read(cls.dataset / "imagesTr" / "case_0000.nii.gz")
        cls.labels = phantom.read(cls.dataset / "labelsTr" / "case.nii.gz")

    @classmethod
    def run_command(cls, *arguments):
        subprocess.run([*cls.command, *arguments], check=True, capture_output=True)

    def check(self, case: maskct.Case):
        self.assertEqual(case.ct.dtype, np.int16)
        self.assertTrue(np.array_equal(case.ct, self.ct))
        self.assertTrue(np.array_equal(case.labels, self.labels))
        self.assertTrue(np.array_equal(case.affine, phantom.AFFINE))

    def test_arrays_of_either_order_give_the_voxels_of_the_command(self):
        for order in "CF":
            case = maskct.generate(
                phantom.labels(order), affine=phantom.AFFINE, scheme=phantom.STRUCTURES, **SETTINGS
            )
            self.check(case)
            self.assertTrue(case.ct.flags[order + "_CONTIGUOUS"])
        self.assertEqual(case.record["draw"]["seed"], 7)

    def test_other_types_and_layouts_are_brought_to_it(self):
        wide = np.zeros((44, 36, 28), dtype=">i4")
        wide[..., ::2] = phantom.labels()
        case = maskct.generate(
            wide[..., ::2], affine=phantom.AFFINE, scheme=self.scheme, threads=1, **SETTINGS
        )
        self.check(case)

    def test_a_file_gives_the_files_of_the_command(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check(
                maskct.generate(self.file, scheme=self.scheme, save_to=folder, **SETTINGS)
            )
            for name, there in [("case_0000", "imagesTr"), ("case", "labelsTr")]:
                made = (Path(folder) / f"{name}.nii.gz").read_bytes()
                self.assertEqual(made, (self.dataset / there / f"{name}.nii.gz").read_bytes())

    def test_a_shard_gives_the_files_of_the_command_and_of_python(self):
        """Slurm's array jobs are shards, too: `SlurmTests` compares those with one run."""
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / "Dataset502_Part"
            self.run_command("--cases", "7", "--shard", "3/7", "--output", part)
            maskct.generate(
                self.file, scheme=self.scheme, name="case_3", save_to=folder, **SETTINGS
            )
            self.assertEqual(len(list((part / "imagesTr").iterdir())), 1)
            for name, there in [("case_3_0000", "imagesTr"), ("case_3", "labelsTr")]:
                whole = (self.dataset / there / f"{name}.nii.gz").read_bytes()
                self.assertEqual((part / there / f"{name}.nii.gz").read_bytes(), whole)
                self.assertEqual((Path(folder) / f"{name}.nii.gz").read_bytes(), whole)

    def test_threads_share_a_generator(self):
        generator = maskct.Generator(scheme=phantom.STRUCTURES, threads=1, **SETTINGS)
        found = []

        def work():
            found.append(in_worker(generator))

        running = [threading.Thread(target=work) for _ in range(3)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        self.assertEqual(found, [np.ascontiguousarray(self.ct).tobytes()] * 3)

    def test_worker_processes_give_the_same(self):
        generator = maskct.Generator(scheme=phantom.STRUCTURES, **SETTINGS)
        expected = in_worker(generator)  # the parent's threads have run before the fork
        for method in ["fork", "spawn"]:
            with multiprocessing.get_context(method).Pool(2) as pool:
                self.assertEqual(pool.map(in_worker, [generator] * 2), [expected] * 2)

    @unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
    def test_items_of_the_dataset_are_the_cases_of_the_command(self):
        from maskct.torch import GeneratedCases
        from torch.utils.data import DataLoader

        generator = maskct.Generator(scheme=self.scheme, **SETTINGS)
        items = list(DataLoader(GeneratedCases(generator, [self.file], cases=2), num_workers=2))
        second = phantom.read(self.dataset / "imagesTr" / "case_2_0000.nii.gz")
        for item, ct in zip(items, [self.ct, second], strict=True):
            self.assertTrue(np.array_equal(item["image"][0, 0].numpy(), ct))
        self.assertFalse(np.array_equal(self.ct, second))

    def run_example(self, name: str, *arguments) -> str:
        command = [sys.executable, EXAMPLES / name, *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_example_with_an_array(self):
        self.assertIn("liver", self.run_example("generate_array.py"))

    @unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed")
    def test_example_with_a_loader(self):
        self.assertEqual(self.run_example("torch_loader.py", self.scheme, self.file).count("HU"), 4)

    @unittest.skipUnless(importlib.util.find_spec("monai"), "MONAI is not installed")
    def test_example_with_monai(self):
        lines = self.run_example("monai_transform.py", self.scheme, self.file).splitlines()
        self.assertEqual([line[:15] for line in lines], ["(1, 16, 16, 14)"] * 2)  # 14 slices
        self.assertNotEqual(*lines)


class TestPaintAndScan(unittest.TestCase):
    def test_a_body_is_painted_with_its_organs(self):
        body = maskct.paint(
            phantom.labels(), affine=phantom.AFFINE, scheme=phantom.STRUCTURES, recipe="constant"
        )
        middle = np.linalg.solve(body.affine, phantom.AFFINE @ [13, 17, 7, 1])[:3]
        liver = body.hu[tuple(np.rint(middle).astype(int))]
        self.assertTrue(20 < liver < 250, liver)
        self.assertAlmostEqual(float(body.hu.min()), -1000, places=2)

    def test_water_is_water(self):
        x, y = np.indices((40, 40)) - 19.5
        body = np.where((x**2 + y**2 < 15**2)[..., None], 0, -1000) * np.ones(8)
        steps = []
        ct = maskct.scan(body, 6, noiseless=True, progress=steps.append)
        self.assertEqual((ct.dtype, ct.shape), (np.float32, body.shape))
        self.assertLess(abs(ct[12:28, 12:28].mean()), 15)
        self.assertTrue(steps and max(steps) <= 1)
        noisy = maskct.scan(body, affine=np.diag([6, 6, 6, 1]), seed=2)
        self.assertFalse(np.array_equal(ct, noisy))


    def test_iodine_is_bright_at_a_low_voltage(self):
        x, y = np.indices((40, 40)) - 19.5
        inside = (x**2 + y**2 < 15**2)[..., None] & np.ones(8, bool)
        iodine = np.where(inside & (x > 0)[..., None], 4.0, 0)
        body = np.where(inside, 26 * iodine, -1000)
        settings = {"kvp": 80, "noiseless": True}
        plain = maskct.scan(body, 6, **settings)
        bright = maskct.scan(body, 6, iodine=iodine, **settings)
        self.assertGreater((bright - plain)[25:30, 16:24].mean(), 25)
        self.assertLess(abs((bright - plain)[10:15, 16:24].mean()), 15)
        # Whatever the layout of the one and of the other.
        mixed = maskct.scan(body, 6, iodine=np.asfortranarray(iodine), **settings)
        self.assertTrue(np.array_equal(mixed, bright))


class TestFailures(unittest.TestCase):
    def failure(self, call) -> maskct.MaskCTError:
        with self.assertRaises(maskct.MaskCTError) as context:
            call()
        self.assertNotIn("\n", str(context.exception))
        return context.exception

    def test_failures_say_what_the_command_says(self):
        array = phantom.labels()
        error = self.failure(lambda: maskct.generate(array, 5, scheme="btvc", targets="liver"))
        self.assertIn("did you mean 'btcv'?", str(error))
        self.assertEqual(error.kind, "usage")
        error = self.failure(
            lambda: maskct.generate(array, 5, scheme={1: "liver"}, targets="liver")
        )
        self.assertIn("array: holds label 2", str(error))
        self.assertEqual(pickle.loads(pickle.dumps(error)).kind, "input")
        error = self.failure(lambda: maskct.generate("/nowhere.nii", scheme="btcv", targets="liver"))
        self.assertIn("/nowhere.nii: ", str(error))

    def test_an_unknown_instruction_set_is_refused(self):
        code = "import maskct, numpy; maskct.scan(numpy.full((8, 8, 4), -1000.0, numpy.float32), 2.0)"
        environment = {**os.environ, "MASKCT_SIMD": "avx1024"}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("MASKCT_SIMD is 'avx1024', which this CPU cannot run", run.stderr)

    def test_arrays_that_are_no_volumes(self):
        for array in [np.zeros((2, 2)), np.zeros((2, 0, 2)), np.array("a"), np.zeros((2, 2, 2), complex)]:
            self.failure(lambda array=array: maskct.scan(array, 1))
        self.failure(lambda: maskct.scan(np.full((4, 4, 4), np.nan), 1))
        cube = np.zeros((4, 4, 4))
        for spacing in [0, -1, np.nan, np.inf, (1, 2), 1e9]:
            self.failure(lambda spacing=spacing: maskct.scan(cube, spacing))
        for affine in [np.zeros((4, 4)), np.eye(3), np.full((4, 4), np.nan)]:
            self.failure(lambda affine=affine: maskct.scan(cube, affine=affine))
        self.failure(lambda: maskct.scan(cube))
        self.assertIn("kvp=120", str(self.failure(lambda: maskct.scan(cube, 1, iodine=cube))))
        self.failure(lambda: maskct.scan(cube, 1, iodine=np.zeros((4, 4, 5)), kvp=80))
        self.failure(lambda: maskct.scan(cube, 1, iodine=cube - 1, kvp=80))

    def test_what_progress_raises_stops_the_work(self):
        def stop(_):
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            maskct.scan(np.zeros((40, 40, 8)), 6, progress=stop)


if __name__ == "__main__":
    unittest.main()
