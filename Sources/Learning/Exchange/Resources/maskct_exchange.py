"""Reads and writes DICOM, NRRD and MetaImage for maskct.

Requests come as JSON lines on standard input: {"command": "scan", ...}. Events go as JSON lines to standard output;
the last one of a request is {"event": "done", ...} or {"event": "failed", "kind": ..., "message": ...}. Everything
that libraries print goes to standard error, which maskct directs into a log file. What a single file makes impossible
is told in the answer; a request fails only for what stops all of it.
"""

import json
import os
import sys
import tempfile
import traceback
from collections import defaultdict

_events = None
_state = {}


def report(event: dict) -> None:
    _events.write(json.dumps(event) + "\n")
    _events.flush()


def scan(request):
    """Finds labels and CT series below a path, and gives each a case's name."""
    import exchange_inputs as inputs
    import exchange_labels as readers
    from exchange_series import Unusable

    scratch = _state.setdefault("scratch", tempfile.TemporaryDirectory(prefix="maskct-", dir=request.get("scratch")))
    found = inputs.find(request["input"], scratch.name, lambda files: report({"event": "files", "files": files}))
    opened, volumes = [], []
    openers = {"rtstruct": readers.open_structure_set, "seg": readers.open_segmentation, "volume": readers.open_volume}
    for shown, path, kind in found.objects:
        try:
            labels = openers[kind](shown, path)
            if labels.kind == "volume" and not readers.name_values(labels):
                volumes.append((shown, path))
            else:
                opened.append(labels)
        except Unusable as error:
            found.skipped.append((shown, str(error)))
        except Exception as error:
            traceback.print_exc()
            found.skipped.append((shown, f"is damaged: {inputs.one_line(error)}"))
    names = set()
    cases = _group(opened)
    _state["series"] = found.series
    _state["volumes"] = volumes
    _state["cases"] = cases
    listed = []
    for case in cases:
        first = case[0]
        stem = os.path.basename(first.shown)
        for suffix in (".gz", ".seg.nrrd", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm"):
            stem = stem[:-len(suffix)] if stem.lower().endswith(suffix) else stem
        name = _unique(inputs.safe(first.patient if first.kind in ("seg", "rtstruct") else "") or inputs.safe(stem)
                       or "case", names)
        listed.append({
            "name": name, "kind": first.kind, "files": [labels.shown for labels in case],
            "series": first.series if first.series in found.series else "",
            "segments": [{"file": k, "number": s.number, "name": s.name, "code": s.code, "meaning": s.meaning,
                          "side": s.side} for k, labels in enumerate(case) for s in labels.segments]})
    images = []
    for uid, series in found.series.items():
        case = next((c["name"] for c in listed if c["series"] == uid), None)
        head = series.first()
        images.append({"uid": uid, "case": case or "", "files": len(series.headers), "shown": series.shown, "name":
                       case or _unique(inputs.safe(str(head.get("PatientID", ""))) or "series", names)})
    for index, (shown, _) in enumerate(volumes):
        stem = os.path.splitext(os.path.basename(shown))[0]
        images.append({"uid": f"volume-{index}", "case": "", "files": 1, "shown": shown,
                       "name": _unique(inputs.safe(stem) or "image", names)})
    return {"cases": listed, "images": images, "files": found.files,
            "skipped": [{"file": shown, "reason": reason} for shown, reason in found.skipped]}


def _group(opened: list) -> list:
    """What makes up one case: DICOM-SEG of one series belong together unless they name a structure twice."""
    cases, segmentations = [], defaultdict(list)
    for labels in opened:
        if labels.kind == "seg" and labels.series:
            segmentations[labels.patient, labels.series].append(labels)
        else:
            cases.append([labels])
    for together in segmentations.values():
        names = [segment.name for labels in together for segment in labels.segments]
        cases.extend([together] if len(set(names)) == len(names) else [[labels] for labels in together])
    return sorted(cases, key=lambda case: (case[0].patient, case[0].date, case[0].shown))


def _unique(name: str, taken: set) -> str:
    number, result = 2, name
    while result.lower() in taken:
        result = f"{name}_{number}"
        number += 1
    taken.add(result.lower())
    return result


def convert(request):
    """Writes the label map of every case; `ids` has a number for each segment that is wanted."""
    import exchange_inputs as inputs
    import exchange_paint as painter
    from exchange_series import Unusable

    for done, wish in enumerate(request["cases"]):
        event = {"event": "case", "name": wish["name"], "done": done + 1, "total": len(request["cases"])}
        try:
            event.update(_convert(_state["cases"][wish["index"]], wish, request, painter))
        except Unusable as error:
            event["error"] = str(error)
        except Exception as error:
            traceback.print_exc()
            event["error"] = f"is damaged: {inputs.one_line(error)}"
        report(event)
    return {}


def _convert(case, wish, request, painter) -> dict:
    import exchange_labels as readers
    from exchange_series import Unusable

    series = _state["series"].get(case[0].series)
    grid, notes, masks, told = None, [], [], {}
    if series is not None and case[0].kind in ("seg", "rtstruct"):
        grid = series.arrange().grid
        notes += series.notes
    elif case[0].kind == "rtstruct":
        notes.append("its series is not among the input: the grid was made from the contours")
    ids = {(entry["file"], entry["number"]): entry["id"] for entry in wish["ids"]}
    for index, labels in enumerate(case):
        wanted = {number for file, number in ids if file == index}
        if not wanted:
            continue
        if labels.kind == "rtstruct":
            own, found, said = readers.structure_set_masks(labels, wanted, grid, request["spacing"])
        elif labels.kind == "seg":
            own, found, said = readers.segmentation_masks(labels, wanted, grid)
        else:
            own, found, said = readers.volume_masks(labels, wanted)
        notes += labels.notes
        if grid is not None and not _same(own, grid):
            if masks:
                raise Unusable("its segmentations lie on different grids")
            if not labels.notes:
                notes.append("its grid differs from that of its series: kept as it is")
        grid = own
        # Numbers of several files may be the same.
        for mask in found:
            told[index, mask.number] = said[mask.number]
            masks.append(mask)
            mask.number = (index, mask.number)
    labels, hidden = painter.paint(grid, masks, ids)
    if not labels.any():
        raise Unusable("is empty: no voxel carries a structure that was matched")
    painter.write_nifti(labels, grid, wish["output"])
    unit = grid.milliliters
    return {"notes": notes, "shape": list(grid.shape), "segments": [
        {"file": mask.number[0], "number": mask.number[1], "ml": round(mask.count * unit, 3),
         "hidden": round(hidden.get(mask.number, 0) * unit, 3), "notes": sorted(set(told[mask.number]))}
        for mask in masks]}


def _same(a, b) -> bool:
    import numpy as np

    return a.shape == b.shape and np.allclose(a.affine, b.affine, atol=1e-3)


def images(request):
    """Writes CT series as NIfTI in HU."""
    import exchange_inputs as inputs
    import exchange_labels as readers
    import exchange_paint as painter
    from exchange_series import Unusable

    for done, wish in enumerate(request["images"]):
        event = {"event": "image", "name": wish["name"], "done": done + 1, "total": len(request["images"])}
        try:
            if wish["uid"].startswith("volume-"):
                shown, path = _state["volumes"][int(wish["uid"][7:])]
                voxels, grid, _ = readers.read_volume(readers.Labels(shown, path, "volume"))
                if voxels.shape[3] > 1:
                    raise Unusable(f"has {voxels.shape[3]} values a voxel")
                voxels, event["notes"] = voxels[..., 0], []
            else:
                series = _state["series"][wish["uid"]]
                voxels, grid, event["notes"] = series.hounsfield(), series.grid, series.notes
            painter.write_nifti(voxels, grid, wish["output"])
        except Unusable as error:
            event["error"] = str(error)
        except Exception as error:
            traceback.print_exc()
            event["error"] = f"is damaged: {inputs.one_line(error)}"
        report(event)
    return {}


def export(request):
    import exchange_inputs as inputs
    import exchange_write as writer
    from exchange_series import Unusable

    for done, wish in enumerate(request["cases"]):
        event = {"event": "exported", "name": wish["name"], "done": done + 1, "total": len(request["cases"])}
        try:
            event["output"] = writer.write_case(wish, request, _state.get("series", {}))
        except Unusable as error:
            event["error"] = str(error)
        except Exception as error:
            traceback.print_exc()
            event["error"] = f"cannot be written: {inputs.one_line(error)}"
        report(event)
    return {}


COMMANDS = {f.__name__: f for f in (scan, convert, images, export)}


def main():
    global _events
    _events = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            report({"event": "done", **COMMANDS[request["command"]](request)})
        except BaseException as error:
            traceback.print_exc()
            report({"event": "failed", "kind": type(error).__name__, "message": " ".join(str(error).split())})
            if not isinstance(error, Exception):
                raise


if __name__ == "__main__":
    main()
