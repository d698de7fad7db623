"""The commands as functions, and the notebooks. Run by scripts/test-wheel.sh with the wheel installed."""

import inspect
import itertools
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import maskct
import numpy as np
import phantom
from maskct import _commands, _pictures, _process

EXAMPLES = Path(__file__).parent.parent / "examples"


def environments() -> set:
    """The optional parts that are installed where the command looks for them."""
    lines = subprocess.run([_process.command(), "doctor"], capture_output=True, text=True).stdout.splitlines()
    found = {line.split()[1] for line in lines if line.startswith("ok ")}
    return {tag for tag, name in [("dicom", "DICOM"), ("nnunet", "nnU-Net")] if name in found}


class TestCommands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_dataset_and_its_scores(self):
        (self.folder / "maps").mkdir()
        phantom.write(self.folder / "maps" / "a.nii", phantom.labels())
        (self.folder / "two.yaml").write_text(phantom.SCHEME)
        output = self.folder / "nnUNet_raw" / "Dataset501_Test"
        dataset = maskct.generate_dataset(
            self.folder / "maps", output, targets=["liver", "spleen"], scheme=str(self.folder / "two.yaml"),
            recipe="constant", cases=2, seed=7, verbose=False)
        self.assertEqual((set(dataset.images), set(dataset.labels)), ({"a", "a_2"}, {"a", "a_2"}))
        self.assertEqual(dataset.structures, {1: "liver", 2: "spleen"})
        self.assertEqual(dataset.failures, [])
        listed = {entry["path"]: entry for entry in dataset.manifest["outputs"]}
        self.assertEqual(listed["labelsTr/a.nii.gz"]["bytes"], dataset.labels["a"].stat().st_size)
        self.assertEqual(len(dataset.manifest["inputs"]), 1)
        with self.assertRaises(maskct.MaskCTError) as context:
            maskct.generate_dataset(
                self.folder / "maps", output, targets="liver", scheme=str(self.folder / "two.yaml"), verbose=False)
        self.assertIn("--resume", str(context.exception))

        scores = maskct.evaluate(output / "labelsTr", output / "labelsTr", output=self.folder / "s.json", verbose=False)
        self.assertEqual(scores.structures, ["liver", "spleen"])
        self.assertEqual(scores.cases["a_2"]["spleen"]["Dice"], 1)
        self.assertEqual(scores.mean["liver"]["HD95"], 0)
        # One reference without its prediction is told, and the other case is scored.
        (self.folder / "some").mkdir()
        os.link(dataset.labels["a"], self.folder / "some" / "a.nii.gz")
        scores = maskct.evaluate(self.folder / "some", output / "labelsTr", structures={"liver": 1}, verbose=False)
        self.assertEqual((list(scores.cases), len(scores.failures)), (["a"], 1))

    def test_what_is_wrong_is_the_line_of_the_command(self):
        with self.assertRaises(maskct.MaskCTError) as context:
            maskct.train(self.folder / "Dataset500_None", verbose=False)
        self.assertIn("does not exist", str(context.exception))
        self.assertEqual(context.exception.kind, "failure")
        with self.assertRaises(maskct.MaskCTError) as context:
            maskct.predict("none", self.folder, dataset=1, model="a.zip", verbose=False)
        self.assertEqual(context.exception.kind, "usage")
        self.assertNotIn("\n", str(context.exception))
        with self.assertRaises(maskct.MaskCTError):
            maskct.import_labels(self.folder / "none", self.folder / "out", verbose=False)
        with self.assertRaises(maskct.MaskCTError):
            maskct.compare(self.folder / "none.yaml", verbose=False)
        with mock.patch.object(_process.sysconfig, "get_path", return_value="/nowhere"), mock.patch.object(
                _process.sys, "executable", "/nowhere/python"), mock.patch.dict(os.environ, {"PATH": ""}):
            with self.assertRaisesRegex(maskct.MaskCTError, "not installed"):
                maskct.run("--version")

    def test_options(self):
        self.assertEqual(
            _process.options(a_b=True, c=False, d=None, e=2.5, f=["x", "y"], g=Path("p"), h=np.int64(3)),
            ["--a-b", "--e=2.5", "--f=x", "--f=y", "--g=p", "--h=3"])

    def test_every_option_that_is_passed_exists(self):
        """A wrapper passes what its command's help lists: an option that was renamed fails here, not at the user."""
        given = {"generate": lambda: maskct.generate_dataset("m", self.folder, targets="liver", **everything),
                 "train": lambda: maskct.train(1, **everything),
                 "predict": lambda: maskct.predict("i", self.folder, **everything),
                 "evaluate": lambda: maskct.evaluate("p", "r", **everything),
                 "compare": lambda: maskct.compare("x", **everything),
                 "import": lambda: maskct.import_labels("i", self.folder, **everything),
                 "pack": lambda: maskct.pack(1, "m.zip", **everything),
                 "export": lambda: maskct.export_labels(1, "e", **everything)}
        functions = {"generate": maskct.generate_dataset, "import": maskct.import_labels, "export": maskct.export_labels}
        for name, call in given.items():
            function = functions.get(name) or getattr(maskct, name)
            switches = {"resume", "overwrite", "images", "resample", "shared_only", "largest_component"}
            everything = {key: True if key in switches else "1"
                          for key, parameter in inspect.signature(function).parameters.items()
                          if parameter.kind is parameter.KEYWORD_ONLY
                          and key not in {"verbose", "targets", "structures", "output"}}
            everything |= {"format": "nifti"} if name == "predict" else {}
            text = subprocess.run([_process.command(), "help", name], capture_output=True, text=True).stdout
            listed = set(re.findall(r"--[a-z][a-z-]*", text))
            with self.subTest(name), mock.patch.object(_commands, "run", side_effect=StopIteration) as run:
                self.assertRaises(StopIteration, call)
                passed = {argument.split("=")[0] for argument in run.call_args.args if str(argument).startswith("--")}
                self.assertEqual(passed - listed, set())
                self.assertGreater(len(passed), 1)

    def test_results_of_an_experiment(self):
        (self.folder / "table.csv").write_text(
            "arm,structure,metric,cases,excluded,mean,low,high,median,failures,difference,difference_low,"
            "difference_high,p\na,liver,Dice,3,0,0.9,0.8,,0.9,0,,,,\n")
        (self.folder / "scores.csv").write_text("arm,run,case,structure,Dice,NSD,HD95,ASSD\na,1,x,liver,0.9,,inf,1\n")
        done = _process.Finished("table", ["arm b: failed"], [], 1)
        with mock.patch.object(_commands, "run", return_value=done):
            result = maskct.compare("x.yaml", output=self.folder)
        self.assertEqual(result.table[0]["cases"], 3)
        self.assertIsNone(result.table[0]["p"])
        self.assertEqual(result.scores[0]["HD95"], math.inf)
        self.assertEqual(result.failures, ["arm b: failed"])
        self.assertIn("0.900", result._repr_html_())

    def test_notebooks(self):
        here = environments()
        for path in sorted(EXAMPLES.glob("*.ipynb")):
            cells = json.loads(path.read_text())["cells"]
            code = [cell for cell in cells if cell["cell_type"] == "code"]
            self.assertTrue(all(not cell["outputs"] for cell in code), f"{path.name} is kept without outputs")
            wanted = ["".join(cell["source"]) for cell in code if set(cell["metadata"].get("tags", [])) <= here]
            # As a notebook does it: the last expression of a cell is shown.
            program = f"""
import ast, sys
space = {{"__name__": "__main__"}}
for cell in {wanted!r}:
    tree = ast.parse(cell)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), space)
        print(getattr(value, "_repr_html_", value.__repr__)()[:200])
"""
            with self.subTest(path.name):
                run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=self.folder)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual("<div>" in run.stdout, path.name == "one_case.ipynb")


class TestPictures(unittest.TestCase):
    def test_every_orientation_shows_the_same_planes(self):
        """Right, anterior and superior of one body, however its axes are stored."""
        image = np.full((10, 12, 14), -1000, np.int16)
        image[7:9, 4:9, 5:10] = 200  # on the right
        image[4:6, 9:11, 6:8] = 0  # in front
        image[4:6, 4:6, 12:14] = 100  # at the top
        labels = (image == 200).astype(np.uint8)
        affine = np.diag([2.0, 3.0, 4.0, 1.0])
        expected = _pictures.planes(image, labels, affine)
        axial = expected[0][1][..., 0]
        # In the row of the structure on the right it is on the left of the picture.
        row = axial[axial.shape[0] // 2]
        self.assertGreater(row[1:3].min(), 150)
        self.assertEqual(row[5:].max(), 0)
        sagittal = _pictures.planes(image, None, affine)[2]
        self.assertEqual(sagittal[3], "APSI")
        for order in itertools.permutations(range(3)):
            for signs in itertools.product([1, -1], repeat=3):
                turned, mask = image.transpose(order), labels.transpose(order)
                matrix = affine[:, [*order, 3]].copy()
                for axis, sign in enumerate(signs):
                    if sign < 0:
                        turned, mask = np.flip(turned, axis), np.flip(mask, axis)
                        matrix[:3, 3] += matrix[:3, axis] * (turned.shape[axis] - 1)
                        matrix[:3, axis] *= -1
                for one, other in zip(_pictures.planes(turned, mask, matrix), expected, strict=True):
                    np.testing.assert_array_equal(one[1], other[1])
                    np.testing.assert_allclose(one[2], other[2])

    def test_front_and_top_are_at_the_top(self):
        image = np.full((9, 9, 9), -1000, np.int16)
        image[4, 8, 4] = image[4, 4, 8] = 300
        axial, coronal, sagittal = (view[1][..., 0] for view in _pictures.planes(image, None, np.eye(4)))
        self.assertEqual(np.argwhere(axial).tolist(), [[0, 4]])  # anterior
        self.assertEqual(np.argwhere(coronal).tolist(), [[0, 4]])  # superior
        self.assertEqual(sorted(np.argwhere(sagittal).tolist()), [[0, 4], [4, 0]])

    def test_the_page_loads_nothing_and_escapes_names(self):
        text = _pictures.html("<b>", np.zeros((4, 4, 4), np.int16), None, np.eye(4), ["<i>"])
        self.assertNotIn("http", text)
        self.assertNotIn("<b>", text)
        self.assertNotIn("<i>", text)
        self.assertEqual(text.count("data:image/png"), 3)


if __name__ == "__main__":
    unittest.main()
