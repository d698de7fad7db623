public import Support
public import Training

extension DoctorReport {
  /// What `maskct doctor` shows: this machine, nnU-Net, and what the optional parts need.
  ///
  /// - Parameter location: where the environments are looked for.
  public static func complete(
    location: PythonEnvironment.Location = PythonEnvironment.Location(), workers: Workers
  ) async -> DoctorReport {
    var report = await examine(location: location, workers: workers)
    report.items.append(await ExchangeEnvironment.doctorItem(location: location))
    report.items.append(slurm())
    return report
  }

  private static func slurm() -> Item {
    if let path = ChildProcess.find("sbatch") {
      return Item(name: "Slurm", state: .fine, detail: "for compare --engine slurm (\(path))")
    }
    return Item(
      name: "Slurm", state: .note,
      detail: "no sbatch on the PATH; needed for compare --engine slurm alone")
  }
}

extension ExchangeEnvironment {
  /// What the environment is for.
  private static let use = "to import, export and predict on DICOM, NRRD and MetaImage"

  /// Prints the versions that matter on one line.
  private static let versions = """
    import importlib.metadata as m, pydicom, highdicom, SimpleITK, nibabel
    print(*(f"{n} {m.version(n)}" for n in ("pydicom", "highdicom", "SimpleITK")), sep=", ")
    """

  /// How the environment stands.
  static func doctorItem(
    location: PythonEnvironment.Location = PythonEnvironment.Location()
  ) async -> DoctorReport.Item {
    func item(_ state: DoctorReport.Item.State, _ detail: String, _ remedy: String? = nil)
      -> DoctorReport.Item
    {
      DoctorReport.Item(name: "DICOM", state: state, detail: detail, remedy: remedy)
    }
    let folder = folder(home: location.home)
    let managed = folder + "/bin/python"
    let isManaged = exists(folder + "/maskct-environment.json") && exists(managed)
    let own = await ownPython(location)
    guard let python = own ?? (isManaged ? managed : nil) else {
      return exists(folder)
        ? item(
          .note, "installation was interrupted (\(folder)); the next 'maskct import' repeats it")
        : item(
          .note,
          "not installed; the first 'maskct import' downloads \(size.download) MB for it, "
            + "or pip install \"maskct[dicom]\"")
    }
    let place = own == nil ? folder : python
    guard let outcome = try? await ChildProcess.run(python, ["-c", versions]), outcome.succeeded,
      let line = outcome.output.split(whereSeparator: \.isNewline).last
    else {
      return item(
        .missing, "cannot be imported (\(place)); needed \(use)",
        repair(python: python, home: location.home))
    }
    return item(.fine, "\(line), \(use) (\(place))")
  }
}
