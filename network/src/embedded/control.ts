import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { isBimsError, newError } from '@bims/core'
import { parseProfile } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import type { ChaincodeState } from './chaincode-start.ts'
import { checkFixed } from './channel-request.ts'
import { lockFolder } from './lock.ts'
import { controlFile } from './control-file.ts'
import { checkPolicies } from '../policies/check-policies.ts'
import { mergeSettings, readSettings } from './network-settings.ts'
import type { EmbeddedOptions } from './network.ts'

/** An embedded ledger in a folder, as a status line shows it. */
export interface NetworkStatus {
  /** Whether it answers now. */
  readonly running: boolean
  /** Absolute path of `profile.json`. */
  readonly profile: string
  readonly organizations: readonly {
    readonly name: string
    readonly mspId: string
    readonly endpoint: string
    /** Names of its users. */
    readonly identities: readonly string[]
  }[]
  /** Its chaincodes, where it runs by itself, and whether they are connected. */
  readonly chaincodes: readonly ChaincodeState[]
  /** `host:port` of the first organisation's peer. */
  readonly endpoint: string
  /** Process that serves it, where it runs by itself. */
  readonly pid?: number
}

const answerTimeoutMs = 3000
const stopTimeoutMs = 20_000
const startTimeoutMs = 20_000
const endTimeoutMs = 3000

const notRunning = (dir: string): never => {
  throw newError('network-not-running', `No network runs in ${dir}.`, 'Start one with `bims network up`.')
}

const readProfile = async (dir: string): Promise<Profile> => {
  const bytes = await readFile(join(dir, 'profile.json')).catch(() => notRunning(dir))
  const profile = parseProfile(bytes)
  if (E.isLeft(profile)) throw profile.left
  return profile.right
}

/** What a ledger that runs by itself says of its process. */
interface Control {
  readonly pid?: number
  readonly chaincodes: readonly ChaincodeState[]
}

const isState = (u: unknown): u is ChaincodeState =>
  typeof u === 'object' &&
  u !== null &&
  'name' in u &&
  typeof u.name === 'string' &&
  'connected' in u &&
  typeof u.connected === 'boolean' &&
  (!('address' in u) || typeof u.address === 'string') &&
  (!('organization' in u) || typeof u.organization === 'string')

const readControl = async (dir: string): Promise<Control> => {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, controlFile), 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value)) return { chaincodes: [] }
    const { pid } = value
    const isPid = typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1
    const chaincodes = 'chaincodes' in value && Array.isArray(value.chaincodes) ? value.chaincodes.filter(isState) : []
    return { chaincodes, ...(isPid ? { pid } : {}) }
  } catch {
    return { chaincodes: [] }
  }
}

// Where the clock was wrong when the certificate was made, or is now, clients refuse it; the ledger runs all the same.
const isOurs = (socket: TLSSocket, root: string): boolean =>
  socket.authorized || socket.getPeerX509Certificate()?.verify(new X509Certificate(root).publicKey) === true

// Only a server with a certificate of this network counts: another program may have taken the port.
const answers = (profile: Profile): Promise<boolean> =>
  new Promise(resolve => {
    const organization = profile.organizations[0]
    const [, host, port] = /^(.+):([0-9]+)$/.exec(organization?.peers[0]?.endpoint ?? '') ?? []
    if (organization === undefined || host === undefined) return resolve(false)
    const socket = connect({
      host,
      port: Number(port),
      ca: organization.tlsRoot,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      timeout: answerTimeoutMs
    })
    const settle = (running: boolean): void => {
      socket.destroy()
      resolve(running)
    }
    socket.once('secureConnect', () => settle(isOurs(socket, organization.tlsRoot)))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })

const statusOf = (dir: string, profile: Profile, running: boolean, control: Control): NetworkStatus => ({
  running,
  profile: resolve(dir, 'profile.json'),
  organizations: profile.organizations.map(({ name, mspId, peers, identities }) => ({
    name,
    mspId,
    endpoint: peers[0]?.endpoint ?? '',
    identities: Object.keys(identities)
  })),
  endpoint: profile.organizations[0]?.peers[0]?.endpoint ?? '',
  chaincodes: running ? control.chaincodes : [],
  ...(running && control.pid !== undefined ? { pid: control.pid } : {})
})

/**
 * Tells about the embedded ledger of a folder.
 * @throws `network-not-running` where the folder has never had one, `profile-malformed`.
 */
export const networkStatus = async (dir: string): Promise<NetworkStatus> => {
  const profile = await readProfile(dir)
  return statusOf(dir, profile, await answers(profile), await readControl(dir))
}

const entry = new URL(import.meta.url.endsWith('.ts') ? './daemon.ts' : './daemon.js', import.meta.url)

const started = (child: ChildProcess, dir: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (what: string): unknown =>
      newError('unexpected', `The embedded ledger does not start: ${what}`, `See ${join(dir, 'daemon.log')}.`)
    child.once('error', error => reject(failed(error.message)))
    child.once('exit', code => reject(failed(`exit code ${code}`)))
    child.once('message', (message: unknown) => {
      const error = typeof message === 'object' && message !== null && 'error' in message ? message.error : undefined
      if (error === undefined) resolve()
      else reject(isBimsError(error) ? error : failed(JSON.stringify(error)))
    })
  })

// The pages that pass through are megabytes beside a small heap: V8, which begins with little room, then marks the whole heap several
// times a second, which took a third of the ledger's main thread.
const heap = ['--initial-old-space-size=128']

const launch = async (dir: string, options: Omit<EmbeddedOptions, 'dir'>): Promise<void> => {
  await mkdir(dir, { recursive: true })
  const log = await open(join(dir, 'daemon.log'), 'a')
  try {
    const args = [...heap, fileURLToPath(entry), '--dir', dir, '--options', JSON.stringify(options)]
    const stdio = ['ignore', log.fd, log.fd, 'ipc'] as const
    // Half of a start is reading the program: what Node makes of it is kept for the next one, in the ledger's own folder.
    const env = { NODE_COMPILE_CACHE: join(dir, 'compile-cache'), ...process.env }
    const child = spawn(process.execPath, args, { detached: true, stdio: [...stdio], windowsHide: true, env })
    await started(child, dir)
    if (child.connected) child.disconnect()
    child.unref()
  } finally {
    await log.close()
  }
}

// What is asked for at a start must not be passed over in silence where nothing is started.
const checkSettings = async (dir: string, options: Omit<EmbeddedOptions, 'dir'>): Promise<void> => {
  const kept = await readSettings(dir)
  const { channel, organizations } = await readProfile(dir)
  checkFixed(options, { channel, rule: kept.endorsement ?? '', mspIds: organizations.map(o => o.mspId) })
  const settings = mergeSettings(options, kept)
  if (isDeepStrictEqual(settings, mergeSettings({}, kept))) return
  throw newError(
    'network-locked',
    'The ledger of this folder runs already, with other chaincodes, ports or limits than are asked for now.',
    'Stop it with `bims network down`, then start it again.'
  )
}

const isFree = async (dir: string): Promise<boolean> => {
  try {
    await (await lockFolder(join(dir, 'ledger', 'lock'))).release()
    return true
  } catch {
    return false
  }
}

// Somebody else was starting it at the same time: what was asked for is there all the same, a moment later.
const startedElsewhere = async (dir: string): Promise<NetworkStatus | undefined> => {
  for (let waited = 0; waited < startTimeoutMs; waited += 100) {
    const status = await networkStatus(dir).catch(() => undefined)
    if (status?.running === true) return status
    if (await isFree(dir)) return undefined
    await delay(100)
  }
  return undefined
}

/**
 * Starts an embedded ledger that keeps running by itself, and waits until it answers. One that runs is left as it is.
 * @throws as `startEmbedded` does; `network-locked` where one runs that was started with other chaincodes or ports.
 */
export const networkUp = async (dir: string, options: Omit<EmbeddedOptions, 'dir'> = {}): Promise<NetworkStatus> => {
  // Here and not only by the ledger itself: until that reads them, it has made its folder.
  await checkPolicies(options.policies)
  const present = await networkStatus(dir).catch(() => undefined)
  if (present?.running === true) {
    await checkSettings(dir, options)
    return present
  }
  try {
    await launch(resolve(dir), options)
    return await networkStatus(dir)
  } catch (error) {
    const other = isBimsError(error) && error.code === 'network-locked' ? await startedElsewhere(dir) : undefined
    if (other === undefined) throw error
    await checkSettings(dir, options)
    return other
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Stops an embedded ledger that runs by itself, and waits until its process has ended.
 * @throws `network-not-running`; `network-locked` where it does not stop, or where it runs inside another program.
 */
export const networkDown = async (dir: string): Promise<NetworkStatus> => {
  const status = await networkStatus(dir)
  if (!status.running) return notRunning(dir)
  if (status.pid === undefined)
    throw newError('network-locked', 'The ledger of this folder runs inside another program.', 'Stop that program.')
  process.kill(status.pid, 'SIGTERM')
  // It writes its compiled program into the folder at its very end, after the lock. Where nobody collects ended
  // processes, as in some containers, it seems to live on: then the lock alone decides.
  let free = 0
  for (let waited = 0; waited < stopTimeoutMs; waited += 50) {
    await delay(50)
    free = (await isFree(dir)) ? free + 50 : 0
    if (free > 0 && (free > endTimeoutMs || !isAlive(status.pid)))
      return statusOf(dir, await readProfile(dir), false, { chaincodes: [] })
  }
  throw newError('network-locked', `The process ${status.pid} does not stop.`, 'End it by its id, then try again.')
}
