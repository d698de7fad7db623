"""Writes label maps as DICOM-SEG, RTSTRUCT or .seg.nrrd, and simulated images as CT series."""

import datetime
import os

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.uid import PYDICOM_ROOT_UID, ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import format_number_as_ds

import exchange_contours as contours
import exchange_paint as painter
from exchange_labels import LEFT, RIGHT
from exchange_series import Grid, Series, Unusable

RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
# Under which the UIDs of implementation and objects are made: pydicom's root, free for all to derive from.
PREFIX = PYDICOM_ROOT_UID


def write_case(wish: dict, request: dict, known: dict) -> str:
    """Writes what `wish` asks for; returns the path of the labels, or of the series where there are none."""
    series = known.get(wish.get("series"))
    if series is not None:
        series.arrange()
    if wish.get("image"):
        voxels, grid = painter.read_nifti(wish["image"])
        series = write_ct_series(voxels, grid, wish, request)
    if not wish.get("labels"):
        return wish["images_output"]
    labels, grid = painter.read_nifti(wish["labels"])
    structures = [s for s in request["structures"] if (labels == s["id"]).any()]
    if not structures:
        raise Unusable("is empty: no voxel carries a structure")
    if request["format"] == "nrrd":
        _atomic(wish["output"], lambda path: _write_nrrd(labels, grid, structures, path))
        return wish["output"]
    if series is None:
        raise Unusable("has no series that it could reference")
    labels = on_grid(labels, grid, series.grid)
    if request["format"] == "rtstruct":
        data = structure_set(labels, series, structures, request)
        _atomic(wish["output"], lambda path: data.save_as(path, enforce_file_format=True))
    else:
        if series.shift.any():
            raise Unusable("a DICOM-SEG cannot reference a series of a tilted gantry; take rtstruct or nrrd")
        data = segmentation(labels, series, structures, request)
        _atomic(wish["output"], data.save_as)
    return wish["output"]


def _atomic(path: str, write) -> None:
    folder, name = os.path.split(path)
    # The part keeps the suffix, by which SimpleITK chooses the format.
    part = os.path.join(folder, ".part." + name)
    try:
        write(part)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def on_grid(voxels: np.ndarray, grid: Grid, wanted: Grid) -> np.ndarray:
    """The same voxels with axes in the order and direction of another grid of the same places."""
    change = np.linalg.inv(wanted.affine) @ grid.affine
    order = np.abs(change[:3, :3]).argmax(axis=1)
    if sorted(order) == [0, 1, 2]:
        turned = voxels.transpose(order)
        for axis in range(3):
            if change[axis, order[axis]] < 0:
                turned = np.flip(turned, axis)
        corners = np.array([[x, y, z] for x in (0, grid.shape[0] - 1) for y in (0, grid.shape[1] - 1)
                            for z in (0, grid.shape[2] - 1)], float)
        mapped = corners @ change[:3, :3].T + change[:3, 3]
        ends = np.array(wanted.shape) - 1
        if turned.shape == tuple(wanted.shape) and np.abs(mapped.min(axis=0)).max() < 0.05 and np.abs(
                mapped.max(axis=0) - ends).max() < 0.05:
            return turned
    raise Unusable("its grid is not that of the series")


# -- DICOM-SEG --------------------------------------------------------------------------------------


def segmentation(labels: np.ndarray, series: Series, structures: list, request: dict):
    import highdicom
    from highdicom.seg import SegmentAlgorithmTypeValues, SegmentationTypeValues, SegmentDescription

    algorithm = highdicom.AlgorithmIdentificationSequence(
        name=request["algorithm"], version=request["version"],
        family=Code("123110", "DCM", "Artificial Intelligence"))
    numbers = np.zeros(int(labels.max()) + 1, np.uint8 if len(structures) < 256 else np.uint16)
    described = []
    for number, structure in enumerate(structures, 1):
        numbers[structure["id"]] = number
        item = SegmentDescription(
            segment_number=number, segment_label=structure["name"][:64],
            segmented_property_category=Code("123037004", "SCT", "Anatomical Structure"),
            segmented_property_type=_code(structure), algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
            algorithm_identification=algorithm, tracking_uid=generate_uid(PREFIX),
            tracking_id=f"{structure['name']}", display_color=highdicom.color.CIELabColor.from_rgb(*structure["color"]))
        if structure.get("side"):
            item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = Sequence(
                [_side(structure["side"])])
        described.append(item)
    sources = [pydicom.dcmread(path, stop_before_pixels=True) for path, _ in series.headers]
    for source in sources:
        for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
                     "AccessionNumber", "StudyID", "ReferringPhysicianName"):
            if name not in source:
                setattr(source, name, "")
    return highdicom.seg.Segmentation(
        source_images=sources, pixel_array=numbers[labels].transpose(2, 1, 0),
        segmentation_type=SegmentationTypeValues.BINARY, segment_descriptions=described,
        series_instance_uid=generate_uid(PREFIX), series_number=_series_number(series),
        sop_instance_uid=generate_uid(PREFIX), instance_number=1, manufacturer="MaskCT",
        manufacturer_model_name="maskct", software_versions=request["version"], device_serial_number="0",
        series_description=request["description"], content_label="SEGMENTATION", omit_empty_frames=True)


def _series_number(series: Series) -> int:
    """A number that is hardly one of the study's own."""
    return 1000 + int(series.first().get("SeriesNumber") or 0) % 9000


def _code(structure: dict):
    if structure.get("code"):
        return Code(structure["code"], "SCT", structure["meaning"][:64])
    return Code(structure["name"][:16], "99MASKCT", structure["name"][:64])


def _item(code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def _side(side: str) -> Dataset:
    value = LEFT if side == "left" else RIGHT
    return _item(Code(value, "SCT", side.capitalize()))


# -- RTSTRUCT ---------------------------------------------------------------------------------------


def structure_set(labels: np.ndarray, series: Series, structures: list, request: dict) -> FileDataset:
    first = pydicom.dcmread(series.headers[0][0], stop_before_pixels=True)
    data = _object(RT_STRUCTURE_SET, "RTSTRUCT", first, request)
    now = datetime.datetime.now()
    data.StudyInstanceUID = first.StudyInstanceUID
    data.SeriesInstanceUID = generate_uid(PREFIX)
    data.SeriesNumber = _series_number(series)
    data.InstanceNumber = 1
    data.SeriesDescription = request["description"]
    data.OperatorsName = ""
    data.StructureSetLabel = "MaskCT"
    data.StructureSetName = request["description"][:64]
    data.StructureSetDate, data.StructureSetTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    data.ApprovalStatus = "UNAPPROVED"
    frame = str(first.get("FrameOfReferenceUID", "")) or generate_uid(PREFIX)
    data.FrameOfReferenceUID = frame
    data.PositionReferenceIndicator = ""

    referenced = Dataset()
    referenced.SeriesInstanceUID = series.uid
    referenced.ContourImageSequence = Sequence([_reference(header) for _, header in series.headers])
    study = Dataset()
    study.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    study.ReferencedSOPInstanceUID = first.StudyInstanceUID
    study.RTReferencedSeriesSequence = Sequence([referenced])
    reference = Dataset()
    reference.FrameOfReferenceUID = frame
    reference.RTReferencedStudySequence = Sequence([study])
    data.ReferencedFrameOfReferenceSequence = Sequence([reference])

    regions, drawn, observed = [], [], []
    for number, structure in enumerate(structures, 1):
        region = Dataset()
        region.ROINumber = number
        region.ReferencedFrameOfReferenceUID = frame
        region.ROIName = structure["name"][:64]
        region.ROIGenerationAlgorithm = "AUTOMATIC"
        regions.append(region)
        outline = Dataset()
        outline.ROIDisplayColor = list(structure["color"])
        outline.ReferencedROINumber = number
        outline.ContourSequence = Sequence(_contours(labels == structure["id"], series))
        drawn.append(outline)
        observation = Dataset()
        observation.ObservationNumber = number
        observation.ReferencedROINumber = number
        code = _item(_code(structure))
        if structure.get("side"):
            code.SegmentedPropertyTypeModifierCodeSequence = Sequence([_side(structure["side"])])
        observation.RTROIIdentificationCodeSequence = Sequence([code])
        observation.RTROIInterpretedType = "EXTERNAL" if structure["name"] == "body" else "ORGAN"
        observation.ROIInterpreter = ""
        observed.append(observation)
    data.StructureSetROISequence = Sequence(regions)
    data.ROIContourSequence = Sequence(drawn)
    data.RTROIObservationsSequence = Sequence(observed)
    return data


def _reference(header) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
    return item


def _contours(mask: np.ndarray, series: Series) -> list:
    items = []
    affine = series.grid.affine
    for index in np.flatnonzero(mask.any(axis=(0, 1))):
        for points in contours.outline(mask[:, :, index].T):
            voxels = np.column_stack([points, np.full(len(points), float(index))])
            places = voxels @ affine[:3, :3].T + affine[:3, 3]
            item = Dataset()
            item.ContourImageSequence = Sequence([_reference(series.headers[index][1])])
            item.ContourGeometricType = "CLOSED_PLANAR"
            item.NumberOfContourPoints = len(points)
            item.ContourData = [f"{x:.4f}".rstrip("0").rstrip(".") for x in places.ravel()]
            items.append(item)
    return items


def _object(kind: str, modality: str, source, request: dict) -> FileDataset:
    """An object of the same patient and study as `source`."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = generate_uid(PREFIX)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    now = datetime.datetime.now()
    data.SpecificCharacterSet = source.get("SpecificCharacterSet", "ISO_IR 192")
    data.SOPClassUID, data.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    data.InstanceCreationDate, data.InstanceCreationTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    data.Modality = modality
    data.Manufacturer, data.ManufacturerModelName = "MaskCT", "maskct"
    data.DeviceSerialNumber, data.SoftwareVersions = "0", request["version"]
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
                 "AccessionNumber", "ReferringPhysicianName"):
        setattr(data, name, source.get(name, ""))
    return data


# -- NRRD -------------------------------------------------------------------------------------------


def _write_nrrd(labels: np.ndarray, grid: Grid, structures: list, path: str) -> None:
    import SimpleITK

    kept = np.zeros(int(labels.max()) + 1, labels.dtype)
    for structure in structures:
        kept[structure["id"]] = structure["id"]
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(kept[labels].transpose(2, 1, 0)))
    spacing = np.linalg.norm(grid.affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((grid.affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(grid.affine[:3, 3].tolist())
    image.SetMetaData("Segmentation_MasterRepresentation", "Binary labelmap")
    image.SetMetaData("Segmentation_ContainedRepresentationNames", "Binary labelmap|")
    image.SetMetaData("Segmentation_ReferenceImageExtentOffset", "0 0 0")
    for index, structure in enumerate(structures):
        used = np.argwhere(labels == structure["id"])
        extent = np.stack([used.min(axis=0), used.max(axis=0)], axis=1).ravel()
        code = _code(structure)
        side = structure.get("side", "")
        modifier = f"SCT^{LEFT if side == 'left' else RIGHT}^{side.capitalize()}" if side else "^^"
        fields = {
            "ID": f"Segment_{structure['id']}", "Name": structure["name"], "NameAutoGenerated": "0",
            "Color": " ".join(f"{c / 255:.6f}" for c in structure["color"]), "ColorAutoGenerated": "0",
            "Layer": "0", "LabelValue": str(structure["id"]), "Extent": " ".join(map(str, extent)),
            "Tags": f"TerminologyEntry:Segmentation category and type - DICOM master list"
                    f"~SCT^123037004^Anatomical Structure~{code.scheme_designator}^{code.value}^{code.meaning}"
                    f"~{modifier}~Anatomic codes - DICOM master list~^^~^^|"}
        for key, value in fields.items():
            image.SetMetaData(f"Segment{index}_{key}", value)
    SimpleITK.WriteImage(image, path, useCompression=True)


# -- CT ---------------------------------------------------------------------------------------------


def write_ct_series(voxels: np.ndarray, grid: Grid, wish: dict, request: dict) -> Series:
    """Writes an image in HU as a series of axial slices that says of itself that it is simulated."""
    # Columns to the left, rows to the back, slices upwards, as nearly as the grid's own axes allow.
    order = np.abs(grid.affine[:3, :3]).argmax(axis=1)
    if sorted(order) != [0, 1, 2]:
        raise Unusable("its axes are too oblique for a CT series")
    image = voxels.transpose(order)
    affine = grid.affine[:, [*order, 3]]
    for axis in range(3):
        if affine[axis, axis] < 0:
            image = np.flip(image, axis)
            affine[:3, 3] += affine[:3, axis] * (image.shape[axis] - 1)
            affine[:3, axis] *= -1
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    directions = affine[:3, :3] / spacing
    if np.abs(directions.T @ directions - np.eye(3)).max() > 1e-3:
        raise Unusable("its axes are not at right angles")
    folder = wish["images_output"]
    os.makedirs(folder, exist_ok=True)
    stamp = datetime.datetime.now()
    study, frame = generate_uid(PREFIX), generate_uid(PREFIX)
    series = Series(generate_uid(PREFIX))
    scan = wish.get("acquisition", {})
    source = Dataset()
    source.PatientName, source.PatientID = f"Simulated^{wish['name']}"[:64], wish["name"][:64]
    source.PatientBirthDate = source.PatientSex = source.AccessionNumber = source.ReferringPhysicianName = ""
    source.StudyDate, source.StudyTime, source.StudyID = stamp.strftime("%Y%m%d"), stamp.strftime("%H%M%S"), "1"
    for index in range(image.shape[2]):
        data = _object(CT_IMAGE, "CT", source, request)
        data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID = study, series.uid, frame
        data.PositionReferenceIndicator = ""
        data.SeriesNumber, data.InstanceNumber, data.AcquisitionNumber = 1, index + 1, 1
        data.SeriesDescription = "Simulated CT by MaskCT"
        data.StudyDescription = "Simulated: no patient"
        data.ImageType = ["DERIVED", "SECONDARY", "AXIAL", "SIMULATED"]
        data.DerivationDescription = "Simulated by MaskCT from a label map"
        data.ImageComments = "SIMULATED - NOT A PATIENT - NOT FOR DIAGNOSTIC USE"
        data.PatientIdentityRemoved = "YES"
        data.DeidentificationMethod = "Image made by simulation"
        data.ContentDate, data.ContentTime = data.StudyDate, data.StudyTime
        data.AcquisitionDate, data.AcquisitionTime = data.StudyDate, data.StudyTime
        data.PatientPosition = "HFS"
        data.Laterality = ""
        data.ImageOrientationPatient = [_decimal(x) for x in directions[:, :2].T.ravel()]
        data.ImagePositionPatient = [_decimal(x) for x in affine[:3, 3] + affine[:3, 2] * index]
        data.PixelSpacing = [_decimal(spacing[1]), _decimal(spacing[0])]
        data.SliceThickness = _decimal(scan.get("slice_thickness") or spacing[2])
        data.SpacingBetweenSlices = _decimal(spacing[2])
        data.KVP = _decimal(scan["kvp"]) if scan.get("kvp") else ""
        if scan.get("mas"):
            data.Exposure = int(round(scan["mas"]))
            data.ExposureInuAs = int(round(scan["mas"] * 1000))
        if scan.get("pitch"):
            data.SpiralPitchFactor = float(scan["pitch"])
        if scan.get("kernel"):
            data.ConvolutionKernel = str(scan["kernel"])[:16]
        if scan.get("rotation_time"):
            data.RevolutionTime = float(scan["rotation_time"])
        if scan.get("scanner"):
            data.ManufacturerModelName = f"maskct, scanner {scan['scanner']}"[:64]
        data.ScanOptions = "HELICAL MODE"
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        data.Rows, data.Columns = image.shape[1], image.shape[0]
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
        data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "0", "1", "HU"
        data.WindowCenter, data.WindowWidth = "40", "400"
        plane = np.clip(np.rint(image[:, :, index].T), -32768, 32767).astype("<i2")
        data.PixelData = plane.tobytes()
        data["PixelData"].VR = "OW"
        path = os.path.join(folder, f"{index + 1:04d}.dcm")
        _atomic(path, lambda part: data.save_as(part, enforce_file_format=True))
        del data.PixelData
        series.headers.append((path, data))
    return series.arrange()


def _decimal(value) -> str:
    """A decimal string of at most 16 characters."""
    return format_number_as_ds(float(value))
