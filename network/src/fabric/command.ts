import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { isBimsError, newError } from '@bims/core'
import { environmentOf } from './node-process.ts'

/** One call of one of Fabric's programs. */
export interface Command {
  /** What it does, for whoever waits or reads why it failed. */
  readonly what: string
  readonly program: 'peer' | 'configtxgen' | 'osnadmin'
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** What it prints where it succeeded; some end with 0 although the answer was no. */
  readonly expected?: RegExp
}

const commandTimeoutMs = 120_000

// Fabric's programs print their help after the reason.
const reasonOf = (output: string): string =>
  output
    .split('\n')
    .filter(line => /error|failed|cannot|panic|status|unable/i.test(line))
    .slice(-3)
    .join(' ')
    .trim() || output.trim().slice(-500)

const runOnce = (path: string, command: Command, signal?: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      env: environmentOf(command.environment),
      timeout: commandTimeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      ...(signal === undefined ? {} : { signal })
    }
    execFile(path, [...command.args], options, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`
      if (error === null && (command.expected?.test(output) ?? true)) return resolve(stdout)
      if (signal?.aborted === true) return reject(interrupted())
      reject(
        newError(
          'fabric-failed',
          `${command.what}: ${reasonOf(output)}`,
          'See the logs in the folder fabric/nodes of the network.',
          { cause: error }
        )
      )
    })
  })

/** The error of a start that was stopped on request. */
export const interrupted = (): ReturnType<typeof newError> =>
  newError('interrupted', 'Starting the network was stopped; nothing of it runs.', 'Start it again.')

// Orderers that have just come up have not chosen a leader yet.
const isEarly = (error: unknown): boolean => isBimsError(error) && /SERVICE_UNAVAILABLE|no Raft leader/.test(error.what)

/**
 * Runs a command and gives what it printed; again while the orderers have no leader.
 * @throws `fabric-failed` with the reason that it gives; `interrupted`.
 */
export const runCommand = async (path: string, command: Command, signal?: AbortSignal): Promise<string> => {
  for (const start = Date.now(); ; await delay(300)) {
    try {
      return await runOnce(path, command, signal)
    } catch (error) {
      if (!isEarly(error) || Date.now() - start > commandTimeoutMs) throw error
    }
  }
}
