import * as E from 'fp-ts/lib/Either.js'
import { identify, type Member } from '../membership/msp.ts'
import type { RevocationList } from '../membership/revocation.ts'
import type { ChannelConfig } from '../policy/channel-config.ts'
import type { IdentityHandle } from './finding.ts'

/** An identity as the configuration in force sees it: a member, or why not. */
export type Identified = E.Either<string, Member>

/** Who stands behind the handles of the workers. */
export interface Members {
  /** A worker has met identities, in the order of its handles. */
  readonly met: (worker: number, identities: readonly Uint8Array[]) => void
  /** From now on this configuration says who is a member. */
  readonly use: (config: ChannelConfig) => void
  /** Looks identities up, so that `of` knows them. */
  readonly prepare: (worker: number, handles: Iterable<IdentityHandle>) => Promise<void>
  readonly of: (worker: number, handle: IdentityHandle) => Identified
}

interface Seat {
  readonly serialized: Buffer[]
  known: (Identified | undefined)[]
}

const nobody: Identified = E.left('nobody is named')

/** Begins with no identities. */
export const newMembers = (revocations: readonly RevocationList[]): Members => {
  const seats = new Map<number, Seat>()
  // What one worker had looked up, the others need not look up again.
  let shared = new Map<string, Promise<Identified>>()
  let current: ChannelConfig | undefined
  const seatOf = (worker: number): Seat => {
    const seat = seats.get(worker) ?? { serialized: [], known: [] }
    seats.set(worker, seat)
    return seat
  }
  const lookUp = (serialized: Buffer): Promise<Identified> => {
    const name = serialized.toString('latin1')
    const found = shared.get(name) ?? identify(serialized, current?.msps ?? new Map(), revocations)
    shared.set(name, found)
    return found
  }
  return {
    met: (worker, identities) => seatOf(worker).serialized.push(...identities.map(one => Buffer.from(one))),
    use: config => {
      current = config
      shared = new Map()
      for (const seat of seats.values()) seat.known = []
    },
    prepare: async (worker, handles) => {
      const seat = seatOf(worker)
      for (const handle of handles) {
        const serialized = seat.serialized[handle]
        if (serialized !== undefined && seat.known[handle] === undefined) seat.known[handle] = await lookUp(serialized)
      }
    },
    of: (worker, handle) => seats.get(worker)?.known[handle] ?? nobody
  }
}
