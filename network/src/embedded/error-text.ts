import { isBimsError } from '@bims/core'

/** The sentence of whatever was thrown. */
export const errorText = (error: unknown): string => {
  if (isBimsError(error)) return error.what
  return error instanceof Error ? error.message : String(error)
}
