import { fromUtf8, type BimsError } from '@bims/core'

const mark = '"schema":"bims.bundle/'

/**
 * Whether bytes that do not read as a bundle were one before somebody changed them: a check that fails, where
 * anything else in that place is a wrong input.
 */
export const isDamagedBundle = (bytes: Uint8Array, error: BimsError): boolean => {
  if (error.code === 'record-major') return false
  if (error.code !== 'bundle-foreign') return true
  const text = fromUtf8(bytes) ?? String.fromCharCode(...bytes.subarray(0, 65_536))
  return text.includes(mark)
}
