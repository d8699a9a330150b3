import { stageOf, type SettingDefinition } from './setting-definition.ts'

const source = stageOf('source')
const optics = stageOf('optics')
const detector = stageOf('detector')
const digitisation = stageOf('digitisation')

/** Light that passes the specimen is neither excited nor emitted at a wavelength of its own. */
const notTransmitted = { unless: { setting: 'illumination', values: ['Transmitted', 'Oblique'] } }

const confocal = {
  when: {
    setting: 'acquisitionMode',
    values: ['LaserScanningConfocalMicroscopy', 'SpinningDiskConfocal', 'SlitScanConfocal', 'SweptFieldConfocal']
  }
}

const scanning = {
  when: {
    setting: 'acquisitionMode',
    values: ['LaserScanningConfocalMicroscopy', 'MultiPhotonMicroscopy', 'SecondHarmonicGenerationImaging', 'STED']
  }
}

/** Light microscopy: OME 2016-06 by contents, 4DN-BINA-OME by tiers. */
export const lightSettings: readonly SettingDefinition[] = [
  source.text(
    'source.kind',
    'recommended',
    "Kind of light source: laser, LED, arc, filament, or the program's own word."
  ),
  source.quantity('excitation', 'm', 'essential', 'Wavelength of excitation.', notTransmitted),
  source.quantity('source.wavelength', 'm', 'full', 'Wavelength to which the source is tuned.'),
  source.quantity('source.power', 'W', 'recommended', 'Power of the light source.'),
  source.number('source.attenuation', 'full', 'Share of the power that is held back; 0 is none.'),
  source.quantity('source.pulseRate', 'Hz', 'full', 'Repetition rate of pulses.'),
  source.boolean('source.shutterOpen', 'full', 'Whether the shutter before the source was open.'),
  optics.text('illumination', 'recommended', 'OME IlluminationType: Epifluorescence, Transmitted, Oblique, NonLinear.'),
  optics.text('contrast', 'recommended', 'OME ContrastMethod: Brightfield, Phase, DIC, Fluorescence and others.'),
  optics.text(
    'acquisitionMode',
    'essential',
    'OME AcquisitionMode: WideField, LaserScanningConfocalMicroscopy, TIRF and others.'
  ),
  optics.text(
    'excitationFilter',
    'recommended',
    'Filter before the specimen, by the name or id of its component.',
    notTransmitted
  ),
  optics.text('dichroic', 'recommended', 'Beam splitter, by the name or id of its component.', notTransmitted),
  optics.text(
    'emissionFilter',
    'recommended',
    'Filter behind the specimen, by the name or id of its component.',
    notTransmitted
  ),
  optics.text('objective.name', 'recommended', 'The objective, by the name or id of its component.'),
  optics.number('objective.magnification', 'essential', 'Nominal magnification of the objective.'),
  optics.number('objective.calibratedMagnification', 'full', 'Measured magnification of the objective.'),
  optics.number('objective.numericalAperture', 'essential', 'Numerical aperture of the objective.'),
  optics.text('objective.immersion', 'recommended', 'Immersion for which the objective is made.'),
  optics.text('objective.medium', 'full', 'Immersion medium that was used.'),
  optics.text('objective.correction', 'full', 'Correction of the objective: PlanApo, Fluor and others.'),
  optics.number('objective.correctionCollar', 'full', 'Position of the correction collar.'),
  optics.number('objective.refractiveIndex', 'recommended', 'Refractive index of the immersion medium.'),
  optics.quantity('objective.workingDistance', 'm', 'full', 'Working distance of the objective.'),
  optics.text('lightPath', 'full', 'Where the light was led: camera, eyepiece.'),
  optics.quantity('pinhole', 'm', 'essential', 'Diameter of the pinhole.', confocal),
  optics.quantity('emission', 'm', 'essential', 'Wavelength of emission.', notTransmitted),
  stageOf('specimen').text('fluorophore', 'recommended', 'Fluorophore of this channel.', notTransmitted),
  detector.text('detector.kind', 'recommended', 'Kind of detector: CCD, CMOS, EMCCD, PMT and others.'),
  detector.quantity('exposure', 's', 'essential', 'Time during which the detector collects light for one plane.', {
    unless: { setting: 'acquisitionMode', values: scanning.when.values }
  }),
  detector.number('detector.gain', 'recommended', "Gain, in the detector's own scale."),
  detector.number('detector.amplificationGain', 'full', 'Gain of the amplifier behind the detector.'),
  detector.number('detector.offset', 'full', "Offset, in the detector's own scale."),
  detector.quantity('detector.voltage', 'V', 'full', 'Voltage of the detector.'),
  detector.quantity('detector.temperature', 'K', 'full', 'Temperature of the detector.'),
  detector.text('detector.binning', 'recommended', 'Binning, columns x rows: 1x1, 2x2.'),
  detector.quantity('detector.readoutRate', 'Hz', 'full', 'Pixels read out in a second.'),
  detector.quantity('detector.readoutTime', 's', 'full', 'Time to read out one image.'),
  detector.number('detector.integration', 'full', 'Number of accumulated exposures.'),
  detector.number('detector.zoom', 'full', 'Zoom of the detector.'),
  detector.text('detector.region', 'full', 'Region of the detector that was read out, as x-y-width-height in pixels.'),
  digitisation.quantity('scan.dwellTime', 's', 'essential', 'Time the beam rests on one pixel.', scanning),
  digitisation.number('scan.zoom', 'recommended', 'Zoom of the scanner.', scanning),
  digitisation.number('scan.frameAverage', 'full', 'Frames averaged into one plane.', scanning),
  digitisation.quantity('planeTime', 's', 'full', 'Time of a plane since the acquisition began.')
]
