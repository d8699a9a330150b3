import type { Backlog } from '@bims/ledger/outbox'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isSystemError } from '../files/file-error.ts'
import { defaultFolder } from '../identity/network-profile.ts'
import { promised } from '../promise.ts'
import { outboxOf } from './queue.ts'

/** What waits in an outbox, and where that is. */
export interface OutboxStatus extends Backlog {
  /** Absolute path of its folder. */
  readonly dir: string
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return false
    throw error
  }
}

/** What waits in the outbox that is named, else in the default one; undefined where there is none: nothing is made by asking. */
export const outboxStatus = async (named: string | undefined): Promise<OutboxStatus | undefined> => {
  const dir = named === undefined ? join(resolve(defaultFolder), 'outbox') : resolve(named)
  if (!(await isThere(dir))) return undefined
  return { dir, ...(await promised((await outboxOf(dir)).backlog())) }
}
