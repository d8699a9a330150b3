import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '../files/whole-file.ts'
import type { ChaincodeState } from './chaincode-start.ts'

/** Name of the file in which a ledger that runs by itself says which process it is. */
export const controlFile = 'control.json'

/** The file that tells others of this process; written one time after the other, the last state last. */
export interface ControlFile {
  /** Writes it for the first time, when the ledger serves. */
  readonly begin: (chaincodes: readonly ChaincodeState[]) => Promise<void>
  /** Writes it again, where it has begun. */
  readonly changed: (chaincodes: readonly ChaincodeState[]) => void
  readonly remove: () => Promise<void>
}

/** Begins with no file in the folder. */
export const newControlFile = (dir: string): ControlFile => {
  const path = join(dir, controlFile)
  let writing: Promise<void> | undefined
  let removed = false
  const write = (chaincodes: readonly ChaincodeState[]): Promise<void> => {
    const before = writing ?? Promise.resolve()
    writing = before.then(async () => {
      // A full disk takes nothing from the ledger but this: what `status` tells is then older.
      if (!removed)
        await writeWholeFile(path, `${JSON.stringify({ pid: process.pid, chaincodes })}\n`).catch(() => undefined)
    })
    return writing
  }
  return {
    begin: write,
    changed: chaincodes => {
      if (writing !== undefined) void write(chaincodes)
    },
    remove: async () => {
      removed = true
      await writing
      await rm(path, { force: true })
    }
  }
}
