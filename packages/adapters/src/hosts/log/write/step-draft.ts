import type { Attachment, Evidence, JsonValue, Origin } from '@bims/core'

/** A parameter as a host gives it. */
export interface ParameterDraft {
  readonly name: string
  readonly value: JsonValue
  /** As Python spells it; by default what the vocabulary or the value says. `float` makes whole numbers floats. */
  readonly type?: string
  readonly unit?: string
  readonly doc?: string
  /** By default `typed`. */
  readonly origin?: Origin
}

/** A step as a host gives it. */
export interface StepDraft {
  /** Qualified name, e.g. `skimage.filters.gaussian`, `myviewer.paint`. */
  readonly operation: string
  /** Human name; by default that of the vocabulary. */
  readonly name?: string
  /** Argument → the value that it reads, e.g. `{ image: 'smooth@1' }`; a plain name stands for its newest version. */
  readonly reads: Readonly<Record<string, string>>
  readonly parameters?: readonly ParameterDraft[]
  /** Variables that take the result: none where nothing is returned, several for a tuple. */
  readonly results?: readonly string[]
  /** Arguments of {@link reads} that the host changed in place. */
  readonly inPlace?: readonly string[]
  readonly doc?: string
  /** `return`, `return[1]` or an argument → pixel digest of what was written. */
  readonly digests?: Readonly<Record<string, string>>
  readonly attachments?: readonly Attachment[]
  /** By default `recorded`. */
  readonly evidence?: Evidence
}

/** An image that a host opens. */
export interface InputDraft {
  /** Variable. */
  readonly name: string
  /** Path relative to the log. */
  readonly file: string
  readonly digest?: string
  readonly doc?: string
}
