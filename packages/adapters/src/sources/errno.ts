import { newError } from '@bims/core'
import type { BimsError, BimsErrorCode } from '@bims/core'
import { raise } from './attempt.ts'

const codes: Readonly<Record<string, readonly [BimsErrorCode, string, string]>> = {
  ENOENT: ['file-missing', 'There is no such file', 'Check the path.'],
  ENOTDIR: ['file-missing', 'There is no such folder', 'Check the path.'],
  EACCES: ['file-permission', 'The file may not be used that way', 'Check who owns the file and its permissions.'],
  EPERM: ['file-permission', 'The file may not be used that way', 'Check who owns the file and its permissions.'],
  EROFS: ['file-permission', 'The file system is read-only', 'Choose another folder.'],
  EEXIST: ['file-exists', 'The output exists already', 'Choose another name, or allow overwriting.'],
  ENOSPC: ['disk-full', 'There is no room left on the disk', 'Make room and try again; nothing was left half-written.'],
  EDQUOT: [
    'disk-full',
    'The quota of disk space is used up',
    'Make room and try again; nothing was left half-written.'
  ],
  EFBIG: ['disk-full', 'The file system does not take a file of this size', 'Choose another file system.'],
  EISDIR: ['file-io', 'This is a folder, not a file', 'Name a file.']
}

const errnoOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : ''

/** The one place where the operating system's error numbers become {@link BimsError}s. */
const fromErrno = (thrown: unknown, path: string): BimsError => {
  const errno = errnoOf(thrown)
  const [code, what, advice] = codes[errno] ?? [
    'file-io',
    `The file cannot be used (${errno || String(thrown)})`,
    'Check the disk.'
  ]
  return newError(code, `${what}: ${path}`, advice, { cause: thrown })
}

/** Awaits a file operation; a failure is thrown as the {@link BimsError} of its error number. */
export const onDisk = async <A>(path: string, operation: Promise<A>): Promise<A> => {
  try {
    return await operation
  } catch (thrown) {
    return raise(fromErrno(thrown, path))
  }
}
