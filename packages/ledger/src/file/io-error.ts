import { isBimsError, newError, type BimsError, type BimsErrorCode } from '@bims/core'

/** The system's code of an error, such as `ENOSPC`. */
export const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''

const known: Readonly<Record<string, readonly [BimsErrorCode, string]>> = {
  ENOSPC: ['disk-full', 'Make room on the disk and try again.'],
  EDQUOT: ['disk-full', 'Make room in the quota and try again.'],
  EACCES: ['file-permission', 'Give the user of this program the right to read and write there.'],
  EPERM: ['file-permission', 'Give the user of this program the right to read and write there.'],
  EROFS: ['file-permission', 'Choose a folder that can be written.'],
  ENOENT: ['file-missing', 'Check the path.']
}

/** What a file operation rejected with, as an error of BIMS: `disk-full`, `file-permission`, `file-missing`, else `file-io`. */
export const ioError = (doing: string, cause: unknown): BimsError => {
  if (isBimsError(cause)) return cause
  const [code, advice] = known[codeOf(cause)] ?? ['file-io', 'Check the disk.']
  return newError(code, `${doing} failed: ${cause instanceof Error ? cause.message : String(cause)}`, advice, { cause })
}
