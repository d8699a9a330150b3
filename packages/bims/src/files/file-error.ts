import { isBimsError, newError, type BimsError, type BimsErrorCode } from '@bims/core/errors'
import { mkdir } from 'node:fs/promises'

const known: Readonly<Record<string, readonly [BimsErrorCode, string]>> = {
  ENOENT: ['file-missing', 'Check the path.'],
  ENOTDIR: ['file-missing', 'Check the path: a part of it is a file, not a folder.'],
  EACCES: ['file-permission', 'Check who owns the file and its permissions.'],
  EPERM: ['file-permission', 'Check who owns the file and its permissions.'],
  EROFS: ['file-permission', 'Choose a folder that can be written.'],
  EEXIST: ['file-exists', 'Choose another name.'],
  ENOSPC: ['disk-full', 'Make room on the disk and try again.'],
  EDQUOT: ['disk-full', 'Make room in the quota and try again.'],
  EISDIR: ['file-io', 'Name a file, not a folder.']
}

/** Whether something that was thrown is an error of the operating system. */
export const isSystemError = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  thrown instanceof Error && 'errno' in thrown && 'code' in thrown && typeof thrown.code === 'string'

/** What a file operation threw, as a typed error: `disk-full`, `file-permission`, `file-missing`, `file-exists`, else `file-io`. */
export const fileError = (doing: string, thrown: unknown): BimsError => {
  if (isBimsError(thrown)) return thrown
  const [code, advice] = (isSystemError(thrown) ? known[thrown.code ?? ''] : undefined) ?? [
    'file-io',
    'Check the disk.'
  ]
  return newError(code, `${doing} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, advice, {
    cause: thrown
  })
}

/** Awaits a file operation; what it rejects with is a typed error, see {@link fileError}. */
export const onDisk = async <A>(doing: string, operation: Promise<A>): Promise<A> => {
  try {
    return await operation
  } catch (thrown) {
    throw fileError(doing, thrown)
  }
}

/** Makes a folder with those above it, or takes the one that is there. Rejects as {@link fileError}. */
export const makeFolder = async (folder: string): Promise<void> => {
  await onDisk(`Making the folder ${folder}`, mkdir(folder, { recursive: true }))
}
