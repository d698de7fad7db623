"""nnU-Net's trainer for small budgets, for CPUs, and for being watched and interrupted.

Shipped inside the maskct binary, written beside its Python environment, and used by maskct_nnunet.py.
It also works by hand: set nnUNet_extTrainer to this file's folder and give `-tr MaskCTTrainer` to
nnUNetv2_train. Settings come as JSON in the environment variable MASKCT_TRAINING (`DEFAULTS` lists them).

Network, loss, augmentation, sampling and file formats are nnU-Net's own. Different are only:
  - the number of epochs and iterations, and for the recipe "small" the optimiser (AdamW) and mirroring;
  - the resolution of the first epochs, for as many of them as "coarse" says;
  - on a CPU: bfloat16 autocast where the CPU multiplies bfloat16, channels-last memory, loss in float32;
  - checkpoints by the clock, written under another name first, so that a kill at any moment costs
    at most a minute and never a file;
  - random numbers reseeded for every epoch, so that a resumed training sees what an uninterrupted one
    would have seen (as long as augmentation runs in this process, the default on a CPU);
  - one JSON line per epoch in progress.jsonl;
  - a loss that is not a number stops the training.
"""

import json
import os
import random
from time import time

import numpy as np
import torch

from nnunetv2.training.lr_scheduler.polylr import PolyLRScheduler
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

DEFAULTS = {
    "recipe": "stock",  # "small": AdamW, no mirroring
    "epochs": None,  # None: nnU-Net's own 1000
    "iterations": None,  # training iterations per epoch; None: 250
    "validation_iterations": None,  # None: 50
    "learning_rate": None,  # None: 1e-2 for SGD, 4e-3 for AdamW
    "threads": None,  # CPU threads; None leaves nnU-Net's choice
    "coarse": 0,  # part of the epochs, the first, that see patches at half their resolution
    "precision": "auto",  # on a CPU: "auto", "bf16" or "fp32"
    "seed": 0,
    "checkpoint_seconds": 45,  # a checkpoint is written at the end of the first epoch after this time
    "plot_seconds": 300,  # progress.png costs seconds, so it is drawn rarely
}

#: Called with a dict for every event; maskct_nnunet.py sets it.
report = lambda event: None  # noqa: E731


class NonFiniteLoss(RuntimeError):
    """The loss became NaN or infinite."""


def cpu_multiplies_bfloat16() -> bool:
    """Whether this CPU has bfloat16 instructions; emulated, bfloat16 is slower than float32."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = next((line for line in file if line.startswith(("flags", "Features"))), "")
    except OSError:
        return False
    return any(flag in flags.split() for flag in ("avx512_bf16", "amx_bf16", "bf16"))


def speed_up_on_cpu(network: torch.nn.Module, precision: str = "auto") -> str:
    """Lets a 3D network compute in bfloat16 and channels-last; its outputs stay float32.

    The module's forward is wrapped and nothing else touched: weights, their names and checkpoints are
    what nnU-Net expects, and the loss outside sees float32. Returns the precision chosen.
    """
    if precision == "auto":
        precision = "bf16" if cpu_multiplies_bfloat16() else "fp32"
    inner = network.forward

    def forward(x):
        if x.ndim == 5:
            x = x.contiguous(memory_format=torch.channels_last_3d)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            y = inner(x)
        return [v.float() for v in y] if isinstance(y, (list, tuple)) else y.float()

    if any(isinstance(module, torch.nn.Conv3d) for module in network.modules()):
        network.to(memory_format=torch.channels_last_3d)
    network.forward = forward
    return precision


def at_half_resolution(batch: dict, divisors) -> dict:
    """A batch with half as many voxels along each axis, to the nearest number that the network can pool.

    `divisors` are what the network divides each axis by. Images are averaged, labels are those of the nearest voxel.
    """
    scale = torch.nn.functional.interpolate
    images, targets = batch["data"], batch["target"]
    patch = images.shape[2:]
    shape = [max(2 * n, round(size / 2 / n) * n) for size, n in zip(patch, divisors)]

    def labels(target):
        coarse = [n * size // whole for n, size, whole in zip(shape, target.shape[2:], patch)]
        return scale(target.float(), size=coarse, mode="nearest").to(target.dtype)

    images = scale(torch.nn.functional.avg_pool3d(images, 2), size=shape, mode="trilinear")
    targets = [labels(target) for target in targets] if isinstance(targets, list) else labels(targets)
    return {**batch, "data": images, "target": targets}


class MaskCTTrainer(nnUNetTrainer):
    def __init__(self, plans: dict, configuration: str, fold: int, dataset_json: dict,
                 device: torch.device = torch.device("cuda")):
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.settings = {**DEFAULTS, **json.loads(os.environ.get("MASKCT_TRAINING", "{}"))}
        self.num_epochs = self.settings["epochs"] or self.num_epochs
        self.num_iterations_per_epoch = self.settings["iterations"] or self.num_iterations_per_epoch
        self.num_val_iterations_per_epoch = (
            self.settings["validation_iterations"] or self.num_val_iterations_per_epoch)
        self.save_every = 10 ** 9  # by the clock instead, see on_epoch_end
        self.progress_file = os.path.join(self.output_folder, "progress.jsonl")
        self._saved_at = self._plotted_at = self._reported_at = time()
        self._steps = self._bad_losses = 0
        self._draw = self.logger.plot_progress_png
        self.logger.plot_progress_png = self._draw_rarely

    # -- what differs in the recipe -----------------------------------------------------------------

    def initialize(self):
        self._seed(-1)
        super().initialize()
        if self.device.type == "cpu":
            if self.settings["threads"]:
                torch.set_num_threads(self.settings["threads"])
            precision = speed_up_on_cpu(self.network, self.settings["precision"])
            self.print_to_log_file(f"CPU, {torch.get_num_threads()} threads, {precision}")

    def configure_optimizers(self):
        if self.settings["recipe"] != "small":
            self.initial_lr = self.settings["learning_rate"] or self.initial_lr
            return super().configure_optimizers()
        self.initial_lr = self.settings["learning_rate"] or 4e-3
        self.weight_decay = 1e-2
        optimizer = torch.optim.AdamW(
            self.network.parameters(), self.initial_lr, weight_decay=self.weight_decay)
        return optimizer, PolyLRScheduler(optimizer, self.initial_lr, self.num_epochs)

    def configure_rotation_dummyDA_mirroring_and_inital_patch_size(self):
        rotation, dummy_2d, initial, mirror = (
            super().configure_rotation_dummyDA_mirroring_and_inital_patch_size())
        if self.settings["recipe"] == "small":
            # Images come in one orientation and the patch holds the whole body, so left and right are
            # known; mirrored bodies would only have to be learned on top.
            mirror = ()
            self.inference_allowed_mirroring_axes = None
        return rotation, dummy_2d, initial, mirror

    def coarse_epochs(self) -> int:
        """How many epochs come first at half the resolution: where the organs are is learned there at an eighth of
        the cost, and what is left for full resolution is their outlines."""
        return int(self.settings["coarse"] * self.num_epochs)

    def _resized(self, batch: dict) -> dict:
        if self.current_epoch >= self.coarse_epochs():
            return batch
        return at_half_resolution(
            batch, np.prod(self.configuration_manager.pool_op_kernel_sizes, axis=0).tolist())

    def validation_step(self, batch: dict) -> dict:
        return super().validation_step(self._resized(batch))

    def plot_network_architecture(self):
        pass  # needs a package that no longer works, and complains at length

    # -- determinism --------------------------------------------------------------------------------

    def _seed(self, epoch: int):
        seed = (self.settings["seed"] * 1_000_003 + epoch + 1) % 2 ** 32
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)

    def on_epoch_start(self):
        self._seed(self.current_epoch)
        self._steps = 0
        super().on_epoch_start()

    # -- being watched ------------------------------------------------------------------------------

    def on_train_start(self):
        self._forget_epochs_beyond_checkpoint()
        report({"event": "start", "epoch": self.current_epoch, "epochs": self.num_epochs,
                "iterations": self.num_iterations_per_epoch, "device": self.device.type})
        super().on_train_start()
        if self.device.type == "cpu" and self.settings["threads"]:
            torch.set_num_threads(self.settings["threads"])

    def train_step(self, batch: dict) -> dict:
        result = super().train_step(self._resized(batch))
        self._bad_losses = 0 if np.isfinite(result["loss"]).all() else self._bad_losses + 1
        # On a GPU one overflow in float16 is skipped by the gradient scaler; on a CPU it is in the weights.
        if self._bad_losses >= (10 if self.grad_scaler is not None else 1):
            raise NonFiniteLoss(
                f"the loss is {float(result['loss'])} in epoch {self.current_epoch + 1}, "
                f"iteration {self._steps + 1}")
        self._steps += 1
        if time() - self._reported_at > 2:
            self._reported_at = time()
            report({"event": "step", "epoch": self.current_epoch + 1, "step": self._steps,
                    "loss": float(result["loss"]), "coarse_epochs": self.coarse_epochs()})
        return result

    def on_epoch_end(self):
        epoch = self.current_epoch + 1
        super().on_epoch_end()  # counts current_epoch up
        value = lambda key: self.logger.get_value(key, step=-1)  # noqa: E731
        line = {
            "event": "epoch", "epoch": epoch, "epochs": self.num_epochs,
            "iterations": self.num_iterations_per_epoch,
            "train_loss": round(float(value("train_losses")), 5),
            "validation_loss": round(float(value("val_losses")), 5),
            "pseudo_dice": [round(float(d), 5) for d in value("dice_per_class_or_region")],
            "seconds": round(float(value("epoch_end_timestamps") - value("epoch_start_timestamps")), 2),
            "learning_rate": float(value("lrs")),
            "coarse_epochs": self.coarse_epochs(),
        }
        if epoch < self.num_epochs and time() - self._saved_at > self.settings["checkpoint_seconds"]:
            self.current_epoch -= 1  # save_checkpoint counts up itself
            self.save_checkpoint(os.path.join(self.output_folder, "checkpoint_latest.pth"))
            self.current_epoch += 1
            self._saved_at = time()
        if self.local_rank == 0:
            with open(self.progress_file, "a") as file:
                file.write(json.dumps(line) + "\n")
            report(line)

    def on_train_end(self):
        super().on_train_end()
        if self.local_rank == 0:
            self._draw(self.output_folder)

    def _draw_rarely(self, folder: str):
        if time() - self._plotted_at > self.settings["plot_seconds"]:
            self._plotted_at = time()
            self._draw(folder)

    def _forget_epochs_beyond_checkpoint(self):
        if self.local_rank != 0 or not os.path.isfile(self.progress_file):
            return
        kept = []
        with open(self.progress_file) as file:
            for line in file:
                try:
                    if json.loads(line)["epoch"] <= self.current_epoch:
                        kept.append(line)
                except (ValueError, KeyError):
                    pass  # half a line, from a kill
        with open(self.progress_file + ".part", "w") as file:
            file.writelines(kept)
        os.replace(self.progress_file + ".part", self.progress_file)

    # -- checkpoints --------------------------------------------------------------------------------

    def save_checkpoint(self, filename: str) -> None:
        super().save_checkpoint(filename + ".part")
        if self.local_rank == 0 and not self.disable_checkpointing:
            os.replace(filename + ".part", filename)


# nnU-Net writes a trainer's class name into checkpoints and folder names and looks that class up to load
# a model. The network is nnU-Net's own, so under its own name every model loads in a stock nnU-Net.
MaskCTTrainer.__name__ = "nnUNetTrainer"
