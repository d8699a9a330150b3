import type { RedactionProof } from '@bims/core'

/** The macro of an image, as the result of saving tells it. */
export interface SavedMacro {
  /** Id of its record. */
  readonly id: string
  /** Steps of the log that are in it. */
  readonly kept: number
  /** Steps of the log. */
  readonly steps: number
  readonly proof: RedactionProof['kind']
}
