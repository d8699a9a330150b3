import { fromUtf8 } from '@bims/core'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../files/file-error.ts'
import type { FoundOnLedger } from './found.ts'

/** Where found records are written. */
export interface FindOutput {
  /** Rejects with `file-exists`, `disk-full`, `file-permission`. */
  readonly write: (found: FoundOnLedger, bytes: Uint8Array) => Promise<void>
  readonly close: () => Promise<void>
}

const told = async <A>(doing: string, work: () => Promise<A>): Promise<A> => {
  try {
    return await work()
  } catch (cause) {
    throw fileError(doing, cause)
  }
}

/** A line a record: what is known of it, and the record byte for byte. */
const openLines = async (path: string): Promise<FindOutput> => {
  const file = await told('Making the output', () => open(path, 'wx', 0o600))
  return {
    write: (found, bytes) =>
      told('Writing the output', async () => {
        const known = JSON.stringify(found).slice(0, -1)
        await file.write(`${known},"record":${fromUtf8(bytes) ?? 'null'}}\n`)
      }),
    close: () => file.close()
  }
}

/** A file a record, its canonical bytes; named by its id. A record that several submitted is written once. */
const openFolder = async (path: string): Promise<FindOutput> => {
  await told('Making the output', () => mkdir(path, { recursive: true, mode: 0o700 }))
  const written = new Set<string>()
  return {
    write: async ({ id, kind }, bytes) => {
      if (written.has(id)) return
      written.add(id)
      const name = join(path, `${kind}-${id.slice('sha256:'.length)}.json`)
      await told('Writing the output', () => writeFile(name, bytes, { flag: 'wx', mode: 0o600 }))
    },
    close: () => Promise.resolve()
  }
}

/** Opens an output: a folder, or a file of lines where the name ends with .ndjson. Rejects with `file-exists`, `file-permission`. */
export const openOutput = (path: string): Promise<FindOutput> =>
  path.endsWith('.ndjson') ? openLines(path) : openFolder(path)
