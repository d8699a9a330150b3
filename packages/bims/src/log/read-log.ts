import { readLog } from '@bims/adapters/hosts'
import type { MacroContent } from '@bims/core'
import { basename } from 'node:path'
import { readSmallFile } from '../identity/roots.ts'
import type { Capabilities } from '../production.ts'
import { promised } from '../promise.ts'

/** A log that was read: the full macro, and the session that it belongs to. */
export interface ReadLog {
  readonly log: MacroContent
  readonly session: string
}

const largestLog = 64 * 1024 * 1024

/** A session's name for a log that tells none. */
export const newSession = ({ random }: Capabilities): string => Buffer.from(random(16)).toString('hex')

/** Reads the text of a log with the host adapter that recognises it. Rejects with `log-unknown`, `log-not-python`, `log-grammar`. */
export const parseLog = async (bytes: Uint8Array, name: string, capabilities: Capabilities): Promise<ReadLog> => {
  const { macro, session } = await promised(readLog(bytes, name))
  return { log: macro, session: session ?? newSession(capabilities) }
}

/** Reads a log file. Rejects as {@link parseLog}, and with `file-missing`, `file-permission`. */
export const readLogFile = async (file: string, capabilities: Capabilities): Promise<ReadLog> =>
  parseLog(await readSmallFile(file, largestLog), basename(file), capabilities)
