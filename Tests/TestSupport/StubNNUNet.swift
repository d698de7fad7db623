import FoundationEssentials
import Support

/// A stand-in for the Python process, for tests of what is around nnU-Net: it speaks the same protocol as
/// `maskct_nnunet.py`, leaves files of the same names, learns nothing, and takes a tenth of a second per stage.
///
/// Its predictions are a fixed function of the image, so they are the same in every run: label 1 where the
/// image is between 60 and 120.
public struct StubNNUNet {
  /// The folder of the script, named as the real one.
  public let folder: String
  /// An executable to set `MASKCT_PYTHON` to: it runs the stub in place of whatever it is given.
  public var python: String { folder + "/python" }

  /// Writes the script into a new folder.
  ///
  /// - Throws: `MaskCTError` if there is no Python or the folder cannot be written.
  public init(_ folder: String) throws {
    self.folder = folder
    guard let interpreter = ChildProcess.find("python3") else {
      throw MaskCTError(.environment, "there is no python3", remedy: "run 'make setup'")
    }
    try createFolder(folder)
    try AtomicFile.write(Self.script, to: folder + "/maskct_nnunet.py")
    try AtomicFile.write(
      "#!/bin/sh\nexec '\(interpreter)' '\(folder)/maskct_nnunet.py'\n", to: python)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
  }

  private static let script = #"""
    import array, gzip, json, os, struct, sys

    events = os.fdopen(os.dup(1), "w")


    def report(**event):
        events.write(json.dumps(event) + "\n")
        events.flush()


    def preprocessed(request, name):
        return os.path.join(os.environ["nnUNet_preprocessed"], request["dataset"], name)


    def write(value, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            json.dump(value, file)


    def read(path):
        with open(path) as file:
            return json.load(file)


    def start(request):
        return {"device": "cpu", "name": "CPU"}


    def cases(request):
        folder = os.path.join(os.environ["nnUNet_raw"], request["dataset"], "labelsTr")
        count = sum(name.endswith(".nii.gz") for name in os.listdir(folder))
        for index in range(count):
            report(event="case", done=index + 1, total=count)
        return count


    def fingerprint(request):
        count = cases(request)
        write({"spacings": [[10.0, 8.0, 8.0]] * count, "shapes_after_crop": [[16, 40, 48]] * count},
              preprocessed(request, "dataset_fingerprint.json"))


    def set_intensities(request):
        file = read(preprocessed(request, "dataset_fingerprint.json"))
        return {"spacings": file["spacings"], "shapes": file["shapes_after_crop"]}


    def plan(request):
        write({"configurations": {"3d_fullres": {"data_identifier": "stub_3d_fullres"}}},
              preprocessed(request, request["plans"] + ".json"))
        return {"transpose": [0, 1, 2]}


    def add_configuration(request):
        path = preprocessed(request, request["plans"] + ".json")
        plans = read(path)
        plans["configurations"][request["name"]] = {
            "inherits_from": "3d_fullres", "data_identifier": "stub_" + request["name"],
            "patch_size": request["sizes"]["patch"]}
        write(plans, path)


    def preprocess(request):
        plans = read(preprocessed(request, request["plans"] + ".json"))
        identifier = plans["configurations"][request["configuration"]]["data_identifier"]
        os.makedirs(preprocessed(request, identifier), exist_ok=True)
        cases(request)


    def train(request):
        settings, folder = request["settings"], request["folder"]
        log, latest = folder + "/progress.jsonl", folder + "/checkpoint_latest.pth"
        os.makedirs(folder, exist_ok=True)
        done = int(open(latest).read()) if request["resume"] else 0
        report(event="start", epoch=done)
        for epoch in range(done + 1, settings["epochs"] + 1):
            line = {"event": "epoch", "epoch": epoch, "epochs": settings["epochs"],
                    "iterations": settings["iterations"], "train_loss": 1 / epoch,
                    "validation_loss": float("nan"), "pseudo_dice": [0.5, float("nan")],
                    "seconds": 0.1}
            with open(log, "a") as file:
                file.write(json.dumps(line) + "\n")
            with open(latest, "w") as file:
                file.write(str(epoch))
            report(**line)
        model = os.path.dirname(folder)
        raw = os.path.join(os.environ["nnUNet_raw"], request["dataset"], "dataset.json")
        write(read(raw), model + "/dataset.json")
        write(read(preprocessed(request, request["plans"] + ".json")), model + "/plans.json")
        os.rename(latest, folder + "/checkpoint_final.pth")
        return {"epochs": settings["epochs"]}


    def segment(source, target):
        """Writes a NIfTI label map on the grid of a little-endian NIfTI image."""
        with open(source, "rb") as file:
            data = file.read()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        size = struct.unpack_from("<8h", data, 40)
        kind, slope, offset = struct.unpack_from("<h", data, 70)[0], *struct.unpack_from("<2f", data, 112)
        begin = int(struct.unpack_from("<f", data, 108)[0])
        values = array.array({4: "h", 16: "f", 64: "d"}[kind])
        count = size[1] * size[2] * size[3]
        values.frombytes(data[begin:begin + count * values.itemsize])
        slope, offset = (slope, offset) if slope else (1, 0)
        labels = bytes(1 if 60 < slope * value + offset < 120 else 0 for value in values)
        header = bytearray(data[:352])
        struct.pack_into("<2h", header, 70, 2, 8)
        struct.pack_into("<3f", header, 108, 352, 1, 0)
        with open(target + ".part", "wb") as file:
            file.write(gzip.compress(bytes(header) + labels, mtime=0))
        os.replace(target + ".part", target)


    def predict(request):
        for index, (source, target) in enumerate(request["files"]):
            event = {"event": "predicted", "file": source, "output": target, "done": index + 1,
                     "total": len(request["files"]), "seconds": 0.1}
            try:
                segment(source, target)
            except Exception as error:
                event["error"] = repr(error)
            report(**event)


    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = globals()[request["command"]](request)
            report(**{"event": "done", **(result or {})})
        except Exception as error:
            report(event="failed", kind=type(error).__name__, message=str(error))

    """#
}
