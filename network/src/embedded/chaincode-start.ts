import { newError } from '@bims/core'
import { startChaincodeHost } from './chaincode-host.ts'
import { newChaincodePeer } from './chaincode-peer.ts'
import type { ChaincodePeer } from './chaincode-peer.ts'
import { startChaincodeSupport } from './chaincode-support.ts'
import type { ChaincodeSupport } from './chaincode-support.ts'
import { newChaincodeSession } from './chaincode-session.ts'
import type { ChaincodeEntry } from './endorser.ts'
import { newTurns } from './turns.ts'

/** Where a process of a chaincode is. */
export interface ChaincodePlace {
  /** `host:port` of a chaincode that runs as a service, in any language. */
  readonly address?: string
  /** Port of this machine at which the ledger awaits a chaincode that starts itself with the shim's `Start`. */
  readonly listen?: number
}

/**
 * A chaincode on the channel: a module that the ledger runs in a thread, a service that runs elsewhere (`address`), or
 * a program that connects to the ledger (`listen`).
 */
export interface ChaincodeRequest extends ChaincodePlace {
  /** Name by which clients call it. */
  readonly name: string
  /** Its version, as it stands in endorsements. Default `1.0`. */
  readonly version?: string
  /** URL or package name of a module that exports `contracts`, an array of contract classes. */
  readonly module?: string
  /**
   * Processes that the peers of single organisations call, by the names of these; the others call the one above. On a
   * network of several machines every organisation runs its own, and chaincode may ask its process whose it is.
   */
  readonly organizations?: Readonly<Record<string, ChaincodePlace>>
}

/** A chaincode of a running ledger, and whether it is connected now. */
export interface ChaincodeState {
  readonly name: string
  /** Where it runs: `host:port`; `listen:port` where it connects to the ledger; none for a module in a thread. */
  readonly address?: string
  /** The organisation, where this is the process that only its peer calls. */
  readonly organization?: string
  readonly connected: boolean
}

/** The chaincodes of a ledger that is being started. */
export interface ChaincodeStarter {
  /**
   * Starts or connects to a chaincode. A module must come up; what runs elsewhere may come later, as with a peer.
   * @throws `unexpected` where a module does not start, `network-port-taken`.
   */
  readonly start: (request: ChaincodeRequest) => Promise<ChaincodeEntry>
  /** Those started so far, in the order in which they were asked for. */
  readonly states: () => readonly ChaincodeState[]
}

const moduleTimeoutMs = 15_000

interface Placed {
  readonly peer: ChaincodePeer
  readonly address?: string
}

interface OwnPlaced extends Placed {
  readonly organization: string
}

/** How chaincodes are started. */
export interface ChaincodeStarterOptions {
  /** Milliseconds an execution may take. Default 30,000, as in Fabric. */
  readonly executeTimeoutMs?: number | undefined
  /** The MSP id of an organisation of this ledger. */
  readonly mspIdOf: (organization: string) => string
  /** Called when one has connected and when one is gone. */
  readonly onChange?: () => void
}

/** Begins to start chaincodes; what each holds is given back by the closers that are added on the way. */
export const newChaincodeStarter = (
  closers: (() => Promise<void> | void)[],
  { executeTimeoutMs, mspIdOf, onChange = () => undefined }: ChaincodeStarterOptions
): ChaincodeStarter => {
  const started: ((() => readonly ChaincodeState[]) | undefined)[] = []
  const listening = new Map<number, Promise<ChaincodeSupport>>()

  const support = (port: number): Promise<ChaincodeSupport> => {
    const opened = listening.get(port) ?? startChaincodeSupport(port, executeTimeoutMs, onChange)
    if (!listening.has(port)) closers.push(() => opened.then(s => s.close()).catch(() => undefined))
    listening.set(port, opened)
    return opened
  }

  const hosted = async (request: ChaincodeRequest, version: string): Promise<ChaincodePeer> => {
    const { name } = request
    const session = newChaincodeSession({ describe: () => `the chaincode ${name}`, executeTimeoutMs, onChange })
    const host = await startChaincodeHost({ name, version, module: request.module ?? name }, session.attach)
    closers.push(() => host.close())
    const peer: ChaincodePeer = { ...session, close: () => undefined }
    await peer.ready(moduleTimeoutMs).catch((cause: unknown) => {
      const advice = 'See whether its module loads by itself.'
      throw newError('unexpected', `The chaincode ${name} does not register.`, advice, { cause })
    })
    return peer
  }

  const elsewhere = async (name: string, { address, listen }: ChaincodePlace): Promise<Placed | undefined> => {
    if (listen !== undefined) {
      const opened = await support(listen)
      return { peer: opened.expect(name), address: `listen:${opened.port}` }
    }
    if (address === undefined) return undefined
    const peer = newChaincodePeer({ name, address: () => address, executeTimeoutMs, onChange })
    closers.push(() => peer.close())
    return { peer, address }
  }

  const ownOf = async ({ name, organizations = {} }: ChaincodeRequest): Promise<readonly OwnPlaced[]> => {
    const placed = await Promise.all(
      Object.entries(organizations).map(async ([organization, place]) => {
        const there = await elsewhere(name, place)
        return there === undefined ? [] : [{ ...there, organization }]
      })
    )
    return placed.flat()
  }

  return {
    start: async request => {
      const { name, version = '1.0' } = request
      const at = started.push(undefined) - 1
      const placed = await elsewhere(name, request)
      const shared = placed ?? { peer: await hosted(request, version) }
      const own = await ownOf(request)
      started[at] = () => [shared, ...own].map(({ peer, ...place }) => ({ name, ...place, connected: peer.isReady() }))
      return {
        name,
        version,
        peer: shared.peer,
        ...(placed === undefined && { turns: newTurns() }),
        own: new Map(own.map(({ organization, peer }) => [mspIdOf(organization), peer]))
      }
    },
    states: () => started.flatMap(states => states?.() ?? [])
  }
}
