/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { idOf, newError, splitPage, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Sender } from '../../src/client/commit.ts'
import type { CommitOutcome } from '../../src/gateway/connection.ts'

/** What happens to one call. `lost`: it is done, but the answer does not arrive. */
export type NetworkFault = 'fine' | 'away' | 'lost' | 'conflict'

const away = (): E.Either<BimsError, never> => E.left(newError('ledger-unreachable', 'away', 'wait'))

/** A ledger in memory that counts a transaction once by its id, with faults on the way. */
export class ModelLedger {
  /** Record id → transactions in which it was committed. */
  readonly committed = new Map<string, string[]>()
  readonly #blocks = new Map<string, CommitOutcome>()
  #faults: NetworkFault[] = []
  #next = 0
  endorsed = 0
  /** Refuses a transaction that holds one of these records. */
  readonly refused = new Map<string, BimsError>()

  /** Endpoints of the peers that give restricted records back. */
  holders: string[] = []
  /** The organisations that were to endorse each proposal. */
  readonly endorsers: (readonly string[] | undefined)[] = []
  readonly #private = new Map<string, string>()

  script(faults: readonly NetworkFault[]): void {
    this.#faults = [...faults]
  }

  #fault(): NetworkFault {
    return this.#faults.shift() ?? 'fine'
  }

  #commit(bytes: Uint8Array, fault: NetworkFault): CommitOutcome {
    const { id, records } = JSON.parse(Buffer.from(bytes).toString()) as { id: string; records: string[] }
    const known = this.#blocks.get(id)
    if (known !== undefined) return known
    const outcome = {
      block: this.#blocks.size + 1,
      valid: fault !== 'conflict',
      code: fault === 'conflict' ? 'MVCC_READ_CONFLICT' : 'VALID'
    }
    this.#blocks.set(id, outcome)
    if (outcome.valid)
      for (const record of records) this.committed.set(record, [...(this.committed.get(record) ?? []), id])
    return outcome
  }

  readonly sender: Sender = {
    patience: { proposals: 2, endorsements: 1, submissions: 1, readBacks: 1, arrivals: 1 },
    connection: {
      peers: [{ endpoint: 'a:1' }, { endpoint: 'b:1' }],
      evaluate: () => async () => away(),
      evaluateAt: (peer, _, argument) => async () => {
        const { id, restricted } = JSON.parse(argument) as { id: string; restricted: { owner: string } }
        const content = this.holders.includes(peer.endpoint)
          ? this.#private.get(`${restricted.owner} ${id}`)
          : undefined
        const answer = { id, kind: 'macro', schema: 'bims.macro/1', content, submissions: [], marks: [], bookmark: '' }
        return content === undefined
          ? E.left(newError('ledger-not-found', 'not here', 'wait'))
          : E.right(Buffer.from(JSON.stringify(answer)))
      },
      endorse:
        (_, argument, { transient = {}, organizations } = {}) =>
        async () => {
          if (this.#fault() === 'away') return away()
          const contents = splitPage(inflateSync(transient['page'] ?? new Uint8Array())) ?? []
          const records = contents.map(idOf)
          const { restricted } = JSON.parse(argument) as { restricted?: { owner: string } }
          this.endorsers.push(organizations)
          if (restricted !== undefined)
            for (const content of contents)
              this.#private.set(`${restricted.owner} ${idOf(content)}`, Buffer.from(content).toString())
          const refusal = records.map(record => this.refused.get(record)).find(error => error !== undefined)
          if (refusal !== undefined) return E.left(refusal)
          this.endorsed++
          const id = createHash('sha256').update(String(this.#next++)).digest('hex')
          return E.right({ id, bytes: Buffer.from(JSON.stringify({ id, records })) })
        },
      settle:
        (bytes): TaskEither<BimsError, CommitOutcome> =>
        async () => {
          const fault = this.#fault()
          if (fault === 'away') return away()
          const outcome = this.#commit(bytes, fault)
          return fault === 'lost' ? away() : E.right(outcome)
        }
    }
  }

  readonly ledger = { sender: this.sender, limits: { batch: { records: 5, bytes: 100_000 }, inFlight: 1 } }
}
