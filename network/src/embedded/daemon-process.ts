/**
 * What the process of an embedded ledger does that runs by itself: it tells the process that started it, over its channel, when it serves
 * or why it does not, and stops on SIGTERM.
 */
import { parseArgs } from 'node:util'
import { isBimsError, newError } from '@bims/core'
import type { BimsError } from '@bims/core'
import { dropThread } from './chaincode-thread.ts'
import { newControlFile } from './control-file.ts'
import { startEmbedded } from './network.ts'
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

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { dir: { type: 'string' }, options: { type: 'string' } } })
  if (values.dir === undefined) throw newError('usage', 'The folder is missing.', 'Give --dir DIR.')
  const { dir } = values
  const control = newControlFile(dir)
  const network = await startEmbedded({ ...readOptions(values.options), dir, onChaincodes: control.changed })
  // Where all chaincodes run elsewhere nobody took it.
  await dropThread()
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
