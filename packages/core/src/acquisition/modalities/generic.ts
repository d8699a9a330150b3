import { stageOf, type SettingDefinition } from './setting-definition.ts'

const optics = stageOf('optics')
const specimen = stageOf('specimen')
const detector = stageOf('detector')
const digitisation = stageOf('digitisation')

/** What every modality knows: the specimen, where it stands, what surrounds it, who looks at it. */
export const genericSettings: readonly SettingDefinition[] = [
  optics.quantity('fieldOfView.x', 'm', 'full', 'Width of the imaged field.'),
  optics.quantity('fieldOfView.y', 'm', 'full', 'Height of the imaged field.'),
  specimen.text('specimen.name', 'full', 'What the operator calls the specimen.', { personal: true }),
  specimen.text('specimen.description', 'full', 'What the operator wrote about the specimen.', { personal: true }),
  specimen.quantity('specimen.temperature', 'K', 'full', 'Temperature of the specimen.'),
  specimen.quantity('stage.x', 'm', 'recommended', 'Position of the stage along x.'),
  specimen.quantity('stage.y', 'm', 'recommended', 'Position of the stage along y.'),
  specimen.quantity('stage.z', 'm', 'recommended', 'Position of the stage along the optical axis.'),
  specimen.quantity('stage.rotation', 'rad', 'full', 'Rotation of the stage about its normal.'),
  specimen.quantity('stage.tilt', 'rad', 'full', 'Tilt of the stage.'),
  specimen.quantity('stage.tiltBeta', 'rad', 'full', 'Second tilt of the stage.'),
  specimen.text('stage.label', 'full', 'Name that the operator or program gave to the position.', { personal: true }),
  specimen.text('stage.active', 'full', 'Which of several stages is in use.'),
  specimen.quantity('environment.temperature', 'K', 'full', 'Temperature around the specimen.'),
  specimen.quantity('environment.pressure', 'Pa', 'full', 'Air pressure around the specimen.'),
  specimen.number('environment.humidity', 'full', 'Relative humidity; 1 is saturated.'),
  specimen.number('environment.co2', 'full', 'Share of carbon dioxide in the air; 1 is all.'),
  detector.text('detector.name', 'recommended', 'The detector in use, by the name or id of its component.'),
  digitisation.number('digitisation.bitDepth', 'recommended', 'Significant bits of a sample.'),
  digitisation.quantity('timeIncrement', 's', 'full', 'Time from one time point to the next, as it was set.'),
  digitisation.text('operator', 'full', 'Who used the instrument.', { personal: true }),
  digitisation.text('comment', 'full', 'Free text of the operator.', { personal: true }),
  digitisation.text('image.name', 'full', 'Name of the image.', { personal: true })
]
