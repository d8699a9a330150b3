/** The way of the signal: where along it a setting acts. */
export const settingStages = ['source', 'optics', 'specimen', 'detector', 'digitisation'] as const

/** The way of the signal: where along it a setting acts. */
export type SettingStage = (typeof settingStages)[number]

/** How much is lost without a setting: `essential` to interpret, `recommended` to compare, `full` to repeat. */
export const settingTiers = ['essential', 'recommended', 'full'] as const

/** How much is lost without a setting. */
export type SettingTier = (typeof settingTiers)[number]

/** A condition on another setting of the same channel, or on one common to all channels. */
export interface SettingCondition {
  readonly setting: string
  /** Values as text (`true`, `Transmitted`). A setting that is absent has none of them. */
  readonly values: readonly string[]
}

/** One setting of the model. */
export interface SettingDefinition {
  /** Name in {@link Settings}, unique within a modality. */
  readonly name: string
  readonly stage: SettingStage
  readonly tier: SettingTier
  /**
   * `quantity`: value and unit; `number`: a plain number or a dimensionless quantity; `text`; `boolean`.
   */
  readonly kind: 'quantity' | 'number' | 'text' | 'boolean'
  /** UCUM unit with which a quantity must be commensurable; for `quantity` only. */
  readonly unit?: string
  /** One sentence for people. */
  readonly doc: string
  /** Its value tells of a person, or is free text; it is withheld in what is submitted publicly. */
  readonly personal?: boolean
  /** Applicable only where this holds. */
  readonly when?: SettingCondition
  /** Not applicable where this holds. */
  readonly unless?: SettingCondition
}

type More = Pick<SettingDefinition, 'personal' | 'when' | 'unless'>

/** Makes the settings of one stage, one short row each; keeps the tables readable. */
export interface StageRows {
  /** A setting with a unit. */
  readonly quantity: (name: string, unit: string, tier: SettingTier, doc: string, more?: More) => SettingDefinition
  /** A setting that is a count, a ratio or a device's own figure. */
  readonly number: (name: string, tier: SettingTier, doc: string, more?: More) => SettingDefinition
  /** A setting in words. */
  readonly text: (name: string, tier: SettingTier, doc: string, more?: More) => SettingDefinition
  /** A setting that is on or off. */
  readonly boolean: (name: string, tier: SettingTier, doc: string, more?: More) => SettingDefinition
}

/** The rows of a stage. */
export const stageOf = (stage: SettingStage): StageRows => {
  const plain =
    (kind: 'number' | 'text' | 'boolean') =>
    (name: string, tier: SettingTier, doc: string, more: More = {}): SettingDefinition => ({
      name,
      stage,
      tier,
      kind,
      doc,
      ...more
    })
  return {
    quantity: (name, unit, tier, doc, more = {}) => ({ name, stage, tier, kind: 'quantity', unit, doc, ...more }),
    number: plain('number'),
    text: plain('text'),
    boolean: plain('boolean')
  }
}
