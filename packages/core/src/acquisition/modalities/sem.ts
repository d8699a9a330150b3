import { stageOf, type SettingDefinition } from './setting-definition.ts'

const source = stageOf('source')
const optics = stageOf('optics')
const specimen = stageOf('specimen')
const detector = stageOf('detector')
const digitisation = stageOf('digitisation')

/** Scanning with a beam of charged particles (electrons, ions): named after NeXus NXem. */
export const semSettings: readonly SettingDefinition[] = [
  source.text('source.kind', 'recommended', 'Kind of emitter: FEG, tungsten, LaB6, Ga.'),
  source.quantity('source.accelerationVoltage', 'V', 'essential', 'Voltage that accelerates the beam.'),
  source.quantity('source.emissionCurrent', 'A', 'full', 'Current that the emitter gives.'),
  source.quantity('source.extractionVoltage', 'V', 'full', 'Voltage that draws the particles from the emitter.'),
  source.quantity('source.wehneltBias', 'V', 'full', 'Bias of the Wehnelt electrode.'),
  source.number('source.tilt.x', 'full', "Tilt of the gun, in the instrument's own scale."),
  source.number('source.tilt.y', 'full', "Tilt of the gun, in the instrument's own scale."),
  source.quantity('beam.landingEnergy', 'eV', 'essential', 'Energy with which the beam meets the specimen.', {
    when: { setting: 'beam.deceleration', values: ['true'] }
  }),
  source.quantity('beam.current', 'A', 'essential', 'Current of the beam at the specimen.'),
  source.number('beam.spot', 'full', "Spot size, in the instrument's own scale."),
  optics.text('beam.mode', 'full', 'Mode of the beam.'),
  optics.boolean('beam.deceleration', 'recommended', 'Whether a voltage at the specimen slows the beam.'),
  optics.text('lens.mode', 'recommended', 'Mode of the final lens: immersion, field-free.'),
  optics.quantity('aperture.diameter', 'm', 'recommended', 'Diameter of the limiting aperture.'),
  optics.quantity('workingDistance', 'm', 'essential', 'Distance from the final lens to the focus.'),
  optics.number('magnification', 'full', 'Magnification as shown; it depends on the size of the display.'),
  optics.number('stigmator.x', 'full', "Stigmator, in the instrument's own scale."),
  optics.number('stigmator.y', 'full', "Stigmator, in the instrument's own scale."),
  optics.quantity('beam.shift.x', 'm', 'full', 'Shift of the beam.'),
  optics.quantity('beam.shift.y', 'm', 'full', 'Shift of the beam.'),
  optics.boolean('scan.tiltCorrection', 'full', 'Whether the scan is corrected for a tilted specimen.'),
  optics.quantity('scan.tiltCorrectionAngle', 'rad', 'full', 'Angle for which the scan is corrected.'),
  optics.boolean('scan.dynamicFocus', 'full', 'Whether the focus follows a tilted specimen.'),
  specimen.quantity('specimen.tilt', 'rad', 'full', 'Tilt of the specimen on its holder.'),
  specimen.quantity('specimen.current', 'A', 'full', 'Current through the specimen.'),
  specimen.quantity('specimen.bias', 'V', 'full', 'Voltage at the specimen.'),
  specimen.quantity('chamber.pressure', 'Pa', 'recommended', 'Pressure in the chamber.'),
  specimen.text('chamber.mode', 'recommended', 'Vacuum mode: high vacuum, low vacuum, ESEM.'),
  specimen.text('chamber.gas', 'full', 'Gas in the chamber.'),
  specimen.number('chamber.humidity', 'full', "Relative humidity in the chamber, in the instrument's own scale."),
  detector.text('detector.signal', 'essential', 'Signal: SE (secondary), BSE (backscattered) and others.'),
  detector.number('detector.contrast', 'recommended', "Contrast, in the instrument's own scale."),
  detector.number('detector.brightness', 'recommended', "Brightness, in the instrument's own scale."),
  detector.quantity('detector.contrastGain', 'dB', 'full', 'Contrast in decibels.'),
  detector.quantity('detector.brightnessGain', 'dB', 'full', 'Brightness in decibels.'),
  detector.quantity('detector.gridVoltage', 'V', 'full', 'Voltage of the grid before the detector.'),
  detector.number('detector.mix', 'full', "Share of this detector in a mixed signal, in the instrument's own scale."),
  digitisation.quantity('scan.dwellTime', 's', 'essential', 'Time the beam rests on one pixel.'),
  digitisation.quantity('scan.lineTime', 's', 'full', 'Time of one line.'),
  digitisation.quantity('scan.frameTime', 's', 'full', 'Time of one frame.'),
  digitisation.quantity('scan.rotation', 'rad', 'recommended', 'Rotation of the scan.'),
  digitisation.number('scan.columns', 'full', 'Pixels of a scanned line.'),
  digitisation.number('scan.rows', 'full', 'Scanned lines.'),
  digitisation.text('scan.mode', 'full', 'What is scanned: full frame, spot, line.'),
  digitisation.number('scan.lineIntegration', 'full', 'Times each line is scanned.'),
  digitisation.number('scan.interlacing', 'full', 'Lines are scanned in so many passes.'),
  digitisation.boolean('scan.mainsLock', 'full', 'Whether the scan waits for the phase of the mains.'),
  digitisation.number('scan.frameAverage', 'recommended', 'Frames averaged into the image.'),
  digitisation.number('scan.frameIntegration', 'recommended', 'Frames summed into the image.'),
  digitisation.boolean('scan.driftCorrection', 'full', 'Whether frames were shifted against drift.'),
  digitisation.number('digitisation.contrast', 'recommended', 'Digital contrast; 1 changes nothing.'),
  digitisation.number('digitisation.brightness', 'recommended', 'Digital brightness; 0 changes nothing.'),
  digitisation.number('digitisation.gamma', 'recommended', 'Digital gamma; 1 changes nothing.'),
  digitisation.number('digitisation.bitShift', 'full', 'Bits by which samples were shifted.')
]
