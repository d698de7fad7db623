# Writes the X-ray tables in Sources/CT/Acquisition/Resources/physics.
#
#   uv run --with xraylib==4.3.0 --with spekpy==2.5.4 scripts/xray-tables.py
#
# attenuation.csv: mass attenuation coefficients in cm2/g (xraylib: Schoonjans et al., Spectrochimica
#   Acta B 66, 2011), in bins of 1 keV, at their middles.
# tungsten.csv: photons per mm2, mAs and keV at 1 m from a tungsten anode of 7 degrees without any filter, by
#   tube voltage (SpekPy: Poludniowski, Omar, Bujila and Andreo, Medical Physics 48, 2021).
import pathlib

import numpy
import spekpy
import xraylib

FOLDER = pathlib.Path(__file__).parent.parent / "Sources/CT/Acquisition/Resources/physics"
LOWEST, HIGHEST = 10, 150
VOLTAGES = range(70, 151, 10)
MATERIALS = {
    "water": "Water, Liquid",
    "bone": "Bone, Cortical (ICRP)",
    "iodine": "I",
    "aluminium": "Al",
    "copper": "Cu",
    "carbon": "C",
    "scintillator": "Gadolinium Oxysulfide",
}


def write(name, header, rows):
    lines = [",".join(header)] + [",".join(f"{value:.6g}" for value in row) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n")


energies = numpy.arange(LOWEST, HIGHEST) + 0.5
write(
    "attenuation.csv",
    ["energy"] + list(MATERIALS),
    [
        [energy]
        + [xraylib.CS_Total_CP(compound, energy) for compound in MATERIALS.values()]
        for energy in energies
    ],
)

spectra = []
for voltage in VOLTAGES:
    spectrum = spekpy.Spek(kvp=voltage, th=7, dk=1, mas=1, z=100)
    middles, fluence = spectrum.get_spectrum()
    # From a cm2 to a mm2.
    spectra.append(numpy.interp(energies, middles, fluence / 100, right=0))
write(
    "tungsten.csv",
    ["energy"] + [str(voltage) for voltage in VOLTAGES],
    [[energy] + [spectrum[i] for spectrum in spectra] for i, energy in enumerate(energies)],
)
