"""Runs the stages of nnU-Net for maskct, in one process, so that its slow imports are paid once.

Requests come as JSON lines on standard input: {"command": "plan", ...}. Events go as JSON lines to standard
output; the last one of a request is {"event": "done", ...} or {"event": "failed", "kind": ..., "message": ...}.
Everything that libraries print goes to standard error, which maskct directs into a log file.
When standard input ends while a request runs, maskct is gone: the whole process group ends.
"""

import contextlib
import copy
import fcntl
import json
import multiprocessing
import os
import queue
import signal
import sys
import threading
import traceback
from multiprocessing.pool import ThreadPool
from time import sleep, time

_events = None


def report(event: dict) -> None:
    _events.write(json.dumps(event) + "\n")
    _events.flush()


class Refused(Exception):
    """A failure that maskct explains to the user; `kind` names it."""

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


# -- workers ----------------------------------------------------------------------------------------


class _CountingThreadPool(ThreadPool):
    """Threads that answer like nnU-Net's worker processes; reports every finished case."""

    stage = ""

    def starmap_async(self, func, iterable, *args, **kwargs):
        calls = list(iterable)
        self._total = getattr(self, "_total", 0) + len(calls)

        def counted(result):
            self._done = getattr(self, "_done", 0) + 1
            report({"event": "case", "stage": self.stage, "done": self._done, "total": self._total})

        return super().starmap_async(func, calls, callback=counted)


@contextlib.contextmanager
def workers(stage: str, count: int):
    """Lets nnU-Net's pools be threads where there are few cores.

    A worker process imports torch and nnU-Net again, 5-10 s of CPU time each; what the workers do
    (decompress, resample) mostly runs outside the interpreter lock.
    """
    import nnunetv2.utilities.utils

    # It forks 12 processes to join file names; forking beside torch's threads is asking for a deadlock.
    nnunetv2.utilities.utils.Pool = ThreadPool
    if count > 4:
        yield
        return

    class Context:
        @staticmethod
        def Pool(processes=None):
            _CountingThreadPool.stage = stage
            return _CountingThreadPool(count)

    original = multiprocessing.get_context
    multiprocessing.get_context = lambda method=None: Context if method == "spawn" else original(method)
    try:
        yield
    finally:
        multiprocessing.get_context = original


# -- commands ---------------------------------------------------------------------------------------

_state = {}


def start(request):
    """Chooses the device and sets what nnU-Net reads when it is imported."""
    import torch

    wanted = request.get("device", "auto")
    cuda = torch.cuda.is_available()
    if wanted == "cuda" and not cuda:
        raise Refused("no-cuda", "no CUDA device can be used from this Python environment")
    device = "cpu" if wanted == "cpu" or not cuda else "cuda"
    threads = int(request["threads"])
    os.environ.setdefault("nnUNet_def_n_proc", str(max(1, min(8, threads))))
    os.environ.setdefault("nnUNet_n_proc_DA", str(max(2, min(12, threads - 1))))
    if device == "cpu":
        os.environ["nnUNet_compile"] = "f"
        torch.set_num_threads(threads)
    _state.update(device=device, threads=threads)
    return {"device": device, "name": torch.cuda.get_device_name(0) if device == "cuda" else "CPU",
            "torch": torch.__version__}


def fingerprint(request):
    from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import (
        DatasetFingerprintExtractor as Extractor)

    with workers("fingerprint", 1):
        extractor = Extractor(request["dataset"], request["workers"])
    extractor.show_progress_bar = False
    # Only for the intensity statistics, which `plan` replaces by fixed ones; 1e8 take a minute.
    extractor.num_foreground_voxels_for_intensitystats = 1e5

    # The range of every image shows whether it is in HU; measuring it here takes one more pass.
    original = Extractor.analyze_case

    def analyze_case(image_files, segmentation_file, reader_writer_class, num_samples=10000):
        class Reader(reader_writer_class):
            def read_images(self, files):
                images, properties = super().read_images(files)
                if list(files) == list(image_files):
                    report({"event": "range", "file": image_files[0],
                            "minimum": float(images.min()), "maximum": float(images.max())})
                return images, properties

        return original(image_files, segmentation_file, Reader, num_samples)

    if request["workers"] <= 4:
        Extractor.analyze_case = staticmethod(analyze_case)
    try:
        with workers("fingerprint", request["workers"]):
            extractor.run(overwrite_existing=True)
    finally:
        Extractor.analyze_case = staticmethod(original)
    return {}


def preprocessed(request, name: str) -> str:
    """The path of a file in the dataset's folder below nnUNet_preprocessed."""
    return os.path.join(os.environ["nnUNet_preprocessed"], request["dataset"], name)


def read_json(path: str):
    with open(path) as file:
        return json.load(file)


def write_json(value, path: str) -> None:
    """Writes as nnU-Net does; the file appears whole or not at all."""
    part = os.path.join(os.path.dirname(path), ".part." + os.path.basename(path))
    with open(part, "w") as file:
        json.dump(value, file, sort_keys=False, indent=4)
    os.replace(part, path)


def set_intensities(request):
    """Replaces the measured statistics, those of painted structures, by fixed ones."""
    path = preprocessed(request, "dataset_fingerprint.json")
    fingerprint = read_json(path)
    key = "foreground_intensity_properties_per_channel"
    if not fingerprint.get("spacings") or key not in fingerprint:
        raise Refused("damaged", path)
    lower, upper, mean, deviation = (
        float(request["intensities"][name]) for name in ("lower", "upper", "mean", "deviation"))
    fingerprint[key] = {"0": {
        "mean": mean, "median": mean, "std": deviation, "min": lower, "max": upper,
        "percentile_99_5": upper, "percentile_00_5": lower}}
    write_json(fingerprint, path)
    return {"spacings": fingerprint["spacings"], "shapes": fingerprint["shapes_after_crop"]}


def plan(request):
    from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner

    with workers("plan", 1):
        ExperimentPlanner(request["dataset"], plans_name=request["plans"]).plan_experiment()
    plans = read_json(preprocessed(request, request["plans"] + ".json"))
    return {"transpose": plans["transpose_forward"]}


def add_configuration(request):
    """Adds a configuration that inherits from 3d_fullres and changes sizes and resampling."""
    path = preprocessed(request, request["plans"] + ".json")
    plans, sizes = read_json(path), request["sizes"]
    full = plans.get("configurations", {}).get("3d_fullres", {})
    architecture = copy.deepcopy(full.get("architecture", {}))
    arguments = architecture.get("arch_kwargs", {})
    if "n_conv_per_stage" not in arguments:
        raise Refused("damaged", path)
    strides = sizes["strides"]
    arguments.update(
        n_stages=len(strides), features_per_stage=sizes["features"],
        kernel_sizes=[[3, 3, 3] for _ in strides], strides=strides,
        n_conv_per_stage=[2 for _ in strides], n_conv_per_stage_decoder=[2 for _ in strides[1:]])

    def resampling(labels: bool):
        return {"is_seg": labels, "force_separate_z": False}

    plans["configurations"][request["name"]] = {
        "inherits_from": "3d_fullres",
        "data_identifier": f"{plans['plans_name']}_{request['name']}",
        "batch_size": 2,
        "patch_size": sizes["patch"],
        "median_image_size_in_voxels": [float(size) for size in sizes["median_shape"]],
        "spacing": [float(sizes["spacing"]) for _ in sizes["patch"]],
        "resampling_fn_data": "resample_torch_fornnunet",
        "resampling_fn_seg": "resample_torch_fornnunet",
        "resampling_fn_probabilities": "resample_torch_fornnunet",
        "resampling_fn_data_kwargs": resampling(False),
        "resampling_fn_seg_kwargs": resampling(True),
        "resampling_fn_probabilities_kwargs": resampling(False),
        "architecture": architecture,
        "batch_dice": True,
    }
    write_json(plans, path)
    return {}


def preprocess(request):
    from nnunetv2.experiment_planning.plan_and_preprocess_api import preprocess_dataset
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    plans = PlansManager(preprocessed(request, request["plans"] + ".json"))
    if request["configuration"] not in plans.available_configurations:
        raise Refused("no-configuration", ", ".join(plans.available_configurations))
    with workers("preprocess", request["workers"]):
        # By number, as its interface wants it; convert_id_to_dataset_name looks into all three folders.
        preprocess_dataset(int(request["dataset"][7:10]), request["plans"], (request["configuration"],),
                           [request["workers"]], show_progress_bar=False)
    return {}


def train(request):
    os.environ["MASKCT_TRAINING"] = json.dumps(request["settings"])
    import torch
    from nnunetv2.run import run_training
    import maskct_trainer

    maskct_trainer.report = report
    plans = read_json(preprocessed(request, request["plans"] + ".json"))
    dataset_json = read_json(preprocessed(request, "dataset.json"))
    plans["continue_training"] = request["resume"]
    if _state["device"] == "cpu":
        os.environ["nnUNet_n_proc_DA"] = "0"  # augments in this process; earlier the planner chokes on 0
    else:
        torch.set_num_threads(1)
        torch.backends.cudnn.benchmark = True
    fold = request["fold"] if request["fold"] == "all" else int(request["fold"])
    with locked(request["folder"]):
        trainer = maskct_trainer.MaskCTTrainer(
            plans=plans, configuration=request["configuration"], fold=fold, dataset_json=dataset_json,
            device=torch.device(_state["device"]))
        if request["resume"]:
            run_training.maybe_load_checkpoint(trainer, True, False)
        trainer.run_training()
        if request.get("validate"):
            with workers("validation", request["workers"]):
                trainer.perform_actual_validation(False)
    return {"epochs": trainer.current_epoch}


@contextlib.contextmanager
def locked(folder: str):
    """Holds the training folder: two trainings in it would destroy each other's checkpoints."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".maskct.lock"), "w") as file:
        deadline = time() + 20  # a killed predecessor takes a moment to go
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time() > deadline:
                    raise Refused("locked", "another training runs in this folder")
                sleep(0.5)
        yield


def predict(request):
    import torch
    from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.postprocessing.remove_connected_components import remove_all_but_largest_component_from_segmentation
    import maskct_trainer

    device = _state["device"]
    predictor = nnUNetPredictor(
        tile_step_size=request["step"], use_mirroring=request["mirroring"],
        perform_everything_on_device=device == "cuda", device=torch.device(device), allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(
        request["model"], tuple(request["folds"]), checkpoint_name=request["checkpoint"])
    if device == "cpu":
        maskct_trainer.speed_up_on_cpu(predictor.network, request["precision"])
    plans, configuration = predictor.plans_manager, predictor.configuration_manager
    preprocessor = configuration.preprocessor_class(verbose=False)
    reader = plans.image_reader_writer_class()
    for index, (source, target) in enumerate(request["files"]):
        began = time()
        event = {"event": "predicted", "file": source, "output": target,
                 "done": index + 1, "total": len(request["files"])}
        temporary = os.path.join(os.path.dirname(target), ".part." + os.path.basename(target))
        try:
            image, properties = reader.read_images([source])
            event.update(minimum=float(image.min()), maximum=float(image.max()))
            data, _, properties = preprocessor.run_case_npy(
                image, None, properties, plans, configuration, predictor.dataset_json)
            del image
            logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(data)).cpu()
            labels = convert_predicted_logits_to_segmentation_with_correct_shape(
                logits, plans, configuration, predictor.label_manager, properties)
            del logits
            if request["largest_component"]:
                for label in predictor.label_manager.foreground_labels:
                    labels = remove_all_but_largest_component_from_segmentation(labels, label)
            reader.write_seg(labels, temporary, properties)
            os.replace(temporary, target)
        except Exception as error:  # one bad case must not lose the others
            traceback.print_exc()
            with contextlib.suppress(OSError):
                os.remove(temporary)
            event["error"] = " ".join(str(error).split()) or type(error).__name__
        event["seconds"] = round(time() - began, 2)
        report(event)
    return {}


COMMANDS = {f.__name__: f for f in (start, fingerprint, set_intensities, plan, add_configuration, preprocess, train, predict)}


def main():
    global _events
    # Workers inherit standard output; only this process writes events.
    _events = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    # Forked workers close sys.stdin, which would wait for ever for the lock of the thread that reads it.
    source = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    requests = queue.Queue()
    busy = threading.Event()

    def listen():
        text = b""
        while piece := os.read(source, 65536):
            *lines, text = (text + piece).split(b"\n")
            for line in lines:
                requests.put(json.loads(line))
        if busy.is_set():
            print("maskct is gone: ending", file=sys.stderr, flush=True)
            os.killpg(0, signal.SIGTERM)
            sleep(3)
            os.killpg(0, signal.SIGKILL)
        requests.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while (request := requests.get()) is not None:
        busy.set()
        print(f"maskct: {json.dumps(request)}", flush=True)
        try:
            result = COMMANDS[request["command"]](request)
            report({"event": "done", **result})
        except BaseException as error:
            traceback.print_exc()
            kind = getattr(error, "kind", type(error).__name__)
            report({"event": "failed", "kind": kind, "message": " ".join(str(error).split())})
            if not isinstance(error, Exception):
                raise
        busy.clear()


if __name__ == "__main__":
    main()
