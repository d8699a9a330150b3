/** How a value is read; SI units, as FEI writes them. */
export type ThermoKind = { readonly unit: string } | 'number' | 'text' | 'switch'

/** Where the value of a key goes: a name of the model (used where the modality knows it) or a vendor name. */
interface ThermoRule {
  readonly name?: string
  readonly kind: ThermoKind
}

const unit =
  (code: string) =>
  (name?: string): ThermoRule => ({ kind: { unit: code }, ...(name === undefined ? {} : { name }) })
const plain =
  (kind: 'number' | 'text' | 'switch') =>
  (name?: string): ThermoRule => ({ kind, ...(name === undefined ? {} : { name }) })
const m = unit('m')
const rad = unit('rad')
const volt = unit('V')
const ampere = unit('A')
const second = unit('s')
const number = plain('number')
const text = plain('text')
const flag = plain('switch')

type Rules = Readonly<Record<string, ThermoRule>>

const stage: Rules = {
  StageX: m('stage.x'),
  StageY: m('stage.y'),
  StageZ: m('stage.z'),
  StageR: rad('stage.rotation'),
  StageT: rad('stage.tilt'),
  StageTa: rad('stage.tilt'),
  StageTb: rad('stage.tiltBeta'),
  SpecTilt: rad('specimen.tilt'),
  ActiveStage: text('stage.active'),
  WorkingDistance: m('workingDistance')
}

/** Keys of `[Beam]` and of the section that it names: `[EBeam]`, `[IBeam]`, `[IRBeam]`. */
const beam: Rules = {
  ...stage,
  HV: volt('source.accelerationVoltage'),
  Spot: number('beam.spot'),
  BeamCurrent: ampere('beam.current'),
  EmissionCurrent: ampere('source.emissionCurrent'),
  WehneltBias: volt('source.wehneltBias'),
  SourceTiltX: number('source.tilt.x'),
  SourceTiltY: number('source.tilt.y'),
  BeamMode: text('beam.mode'),
  StigmatorX: number('stigmator.x'),
  StigmatorY: number('stigmator.y'),
  BeamShiftX: m('beam.shift.x'),
  BeamShiftY: m('beam.shift.y'),
  ScanRotation: rad('scan.rotation'),
  ImageMode: text('scan.mode'),
  ApertureDiameter: m('aperture.diameter'),
  LensMode: text('lens.mode'),
  SemOpticalMode: text(),
  HFW: m('fieldOfView.x'),
  VFW: m('fieldOfView.y'),
  WD: m('workingDistance'),
  EucWD: m(),
  TiltCorrectionIsOn: flag('scan.tiltCorrection'),
  TiltCorrectionAngle: rad('scan.tiltCorrectionAngle'),
  DynamicFocusIsOn: flag('scan.dynamicFocus'),
  PreTilt: rad('specimen.tilt'),
  MagnificationCorrection: text(),
  Beam: text(),
  Scan: text(),
  Source: text('source.kind')
}

const scan: Rules = {
  Dwelltime: second('scan.dwellTime'),
  Dwell: second('scan.dwellTime'),
  LineTime: second('scan.lineTime'),
  FrameTime: second('scan.frameTime'),
  HorFieldsize: m('fieldOfView.x'),
  VerFieldsize: m('fieldOfView.y'),
  Average: number('scan.frameAverage'),
  Integrate: number('scan.frameIntegration'),
  InternalScan: flag(),
  Mainslock: flag('scan.mainsLock'),
  LineIntegration: number('scan.lineIntegration'),
  ScanInterlacing: number('scan.interlacing')
}

const image: Rules = {
  DigitalContrast: number('digitisation.contrast'),
  DigitalBrightness: number('digitisation.brightness'),
  DigitalGamma: number('digitisation.gamma'),
  Average: number('scan.frameAverage'),
  Integrate: number('scan.frameIntegration'),
  ResolutionX: number('scan.columns'),
  ResolutionY: number('scan.rows'),
  DriftCorrected: flag('scan.driftCorrection'),
  ZoomFactor: number(),
  ZoomPanX: number(),
  ZoomPanY: number(),
  PostProcessing: text(),
  Transformation: text(),
  MagCanvasRealWidth: m(),
  MagnificationMode: number(),
  ScreenMagCanvasRealWidth: m(),
  ScreenMagnificationMode: number()
}

const detector: Rules = {
  Contrast: number('detector.contrast'),
  Brightness: number('detector.brightness'),
  Mix: number('detector.mix'),
  Signal: text('detector.signal'),
  Grid: volt('detector.gridVoltage'),
  ContrastDB: unit('dB')('detector.contrastGain'),
  BrightnessDB: unit('dB')('detector.brightnessGain'),
  Setting: number(),
  MinimumDwellTime: second()
}

const gas: Rules = {
  Number: number(),
  Count: number(),
  GasType: text(),
  HeaterState: text(),
  NeedleState: text(),
  GasFlow: text(),
  Port: text(),
  NozzleState: text(),
  GasName: text(),
  DutyCycle: number(),
  GasState: text()
}

/** Sections whose names are fixed. */
const sections: Readonly<Record<string, Rules>> = {
  Beam: beam,
  Scan: scan,
  Stage: stage,
  Image: image,
  Vacuum: {
    ChPressure: unit('Pa')('chamber.pressure'),
    Gas: text('chamber.gas'),
    UserMode: text('chamber.mode'),
    Humidity: number('chamber.humidity')
  },
  Specimen: { Temperature: unit('K')('specimen.temperature'), SpecimenCurrent: ampere('specimen.current') },
  Detectors: { Number: number(), Name: text('detector.name'), Mode: text('detector.signal') },
  EBeamDeceleration: {
    ModeOn: flag('beam.deceleration'),
    LandingEnergy: unit('eV')('beam.landingEnergy'),
    ImmersionRatio: number(),
    StageBias: volt('specimen.bias')
  },
  System: { DisplayWidth: m(), DisplayHeight: m() },
  Accessories: { Number: number() },
  PrivateFei: { BitShift: number('digitisation.bitShift'), DatabarHeight: number() },
  HiResIllumination: {
    BrightFieldIsOn: flag(),
    BrightFieldValue: number(),
    DarkFieldIsOn: flag(),
    DarkFieldValue: number()
  }
}

/** What the file itself says about its sections. */
export interface ActiveSections {
  /** `[Beam] Beam`: `EBeam`, `IBeam`, `IRBeam`. */
  readonly beam: string
  /** `[Beam] Scan`: `EScan`, `IScan`. */
  readonly scan: string
  /** `[Detectors] Name`. */
  readonly detector: string
}

const rulesOf = (section: string, active: ActiveSections): Rules | undefined => {
  if (Object.hasOwn(sections, section)) return sections[section]
  if (section !== '' && section === active.beam) return beam
  if (section !== '' && section === active.scan) return scan
  if (section !== '' && section === active.detector) return detector
  return /^(?:Multi)?GIS/.test(section) ? gas : undefined
}

/** The rule of a key in its section, or undefined where its value is only carried. */
export const ruleOf = (section: string, key: string, active: ActiveSections): ThermoRule | undefined => {
  const rules = rulesOf(section, active)
  return rules !== undefined && Object.hasOwn(rules, key) ? rules[key] : undefined
}
