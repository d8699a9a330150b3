/**
 * Program that keeps an embedded ledger running by itself: `node daemon.ts --dir DIR [--options JSON]`. It tells the
 * process that started it, over its channel, when it serves or why it does not, and stops on SIGTERM.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isBimsError, newError } from '@bims/core'
import type { BimsError } from '@bims/core'
import { writeWholeFile } from '../files/whole-file.ts'
import { controlFile, startEmbedded } from './network.ts'
import type { ChaincodeState } from './chaincode-start.ts'
import type { EmbeddedOptions } from './network.ts'

/** What a ledger that runs by itself says when it serves, or why it does not. */
export type DaemonMessage = { readonly ready: true } | { readonly error: Omit<BimsError, 'cause'> }

const tell = (message: DaemonMessage): Promise<void> =>
  new Promise(resolve => {
    if (process.send === undefined || !process.connected) return resolve()
    process.send(message, undefined, undefined, () => resolve())
  })

const errorOf = (thrown: unknown): Omit<BimsError, 'cause'> => {
  const error = isBimsError(thrown)
    ? thrown
    : newError('unexpected', `The embedded ledger does not start: ${String(thrown)}`, 'See daemon.log in its folder.')
  const { _tag, code, what, advice, issues } = error
  return { _tag, code, what, advice, ...(issues === undefined ? {} : { issues }) }
}

const readOptions = (text: string | undefined): Partial<EmbeddedOptions> => {
  const value: unknown = text === undefined ? {} : JSON.parse(text)
  return typeof value === 'object' && value !== null ? value : {}
}

interface ControlFile {
  /** Writes it for the first time, when the ledger serves. */
  readonly begin: (chaincodes: readonly ChaincodeState[]) => Promise<void>
  /** Writes it again, where it has begun. */
  readonly changed: (chaincodes: readonly ChaincodeState[]) => void
  readonly remove: () => Promise<void>
}

/** The file that tells others of this process; written one time after the other, the last state last. */
const newControlFile = (dir: string): ControlFile => {
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

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { dir: { type: 'string' }, options: { type: 'string' } } })
  if (values.dir === undefined) throw newError('usage', 'The folder is missing.', 'Give --dir DIR.')
  const { dir } = values
  const control = newControlFile(dir)
  const network = await startEmbedded({ ...readOptions(values.options), dir, onChaincodes: control.changed })
  const stop = async (): Promise<void> => {
    await control.remove()
    await network.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
  await control.begin(network.chaincodes())
  await tell({ ready: true })
  if (process.connected) process.disconnect()
}

run().catch(async (thrown: unknown) => {
  process.stderr.write(`${JSON.stringify(errorOf(thrown))}\n`)
  await tell({ error: errorOf(thrown) })
  process.exit(1)
})
