import { openFile } from '@bims/adapters/sources/file'
import { fromUtf8, newError, parsePem, type Certificate } from '@bims/core'
import { promised, value } from '../promise.ts'

const largestPem = 4 * 1024 * 1024

/** Reads a small file whole. Rejects with `file-missing`, `file-permission`, `file-io`; a larger one with `code`. */
export const readSmallFile = async (path: string, most: number = largestPem): Promise<Uint8Array> => {
  const file = await promised(openFile(path))
  try {
    if (file.size > most)
      throw newError(
        'file-io',
        `${path} has ${file.size} bytes; at most ${most} are read.`,
        'Check that this is the right file.'
      )
    return await promised(file.read(0, file.size))
  } finally {
    await promised(file.close())
  }
}

/** Reads root certificates from PEM files. Rejects with `file-missing`, `certificate-invalid`. */
export const readRoots = async (paths: readonly string[]): Promise<readonly Certificate[]> => {
  const roots: Certificate[] = []
  for (const path of paths) {
    const text = fromUtf8(await readSmallFile(path))
    if (text === undefined)
      throw newError('certificate-invalid', `${path} is not PEM text.`, 'Give the root certificates as PEM.')
    roots.push(...value(parsePem(text)))
  }
  return roots
}
