/// A file format for label maps.
public enum LabelFormat: String, CaseIterable, Sendable {
  /// NIfTI, as nnU-Net reads and writes it.
  case nifti
  /// A DICOM segmentation object.
  case dicomSEG = "dicom-seg"
  /// A DICOM radiotherapy structure set: contours.
  case rtstruct
  /// A NRRD file that 3D Slicer opens as a segmentation.
  case nrrd

  /// What follows the case's name.
  var suffix: String {
    switch self {
    case .nifti: ".nii.gz"
    case .dicomSEG: ".seg.dcm"
    case .rtstruct: ".rtstruct.dcm"
    case .nrrd: ".seg.nrrd"
    }
  }

  /// Whether it can be written only for images that are a DICOM series.
  public var referencesSeries: Bool { self == .dicomSEG || self == .rtstruct }
}
