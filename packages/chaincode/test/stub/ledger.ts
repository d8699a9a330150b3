/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import './quiet.ts'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { deflateSync } from 'node:zlib'
import {
  canonicalBytes,
  idOf,
  joinPage,
  ledgerKindOf,
  parseErrorText,
  type BimsError,
  type JsonValue
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { contracts } from '../../src/index.ts'
import type { TestIdentity } from './identity.ts'

const require = createRequire(import.meta.url)

interface Chaincode {
  readonly Invoke: (
    stub: unknown
  ) => Promise<{ readonly status: number; readonly payload?: Uint8Array; readonly message?: string }>
}
interface KeyMaker {
  readonly createCompositeKey: (type: string, attributes: readonly string[]) => string
  readonly splitCompositeKey: (key: string) => unknown
}
const ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as new (
  ...parts: readonly unknown[]
) => Chaincode
const { JSONSerializer } = require('fabric-contract-api') as { readonly JSONSerializer: unknown }
const { ChaincodeStub } = require('fabric-shim') as { readonly ChaincodeStub: { readonly prototype: KeyMaker } }

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What a call asks for. */
export interface Call {
  readonly identity: TestIdentity
  readonly transaction: string
  readonly argument: unknown
  readonly transient?: Readonly<Record<string, Uint8Array>>
  /** The transaction's id; made up where it is not given. */
  readonly id?: string
}

/** What a simulation gave. */
export interface Outcome {
  readonly status: number
  readonly payload: string
  readonly error: BimsError | undefined
  readonly message: string
  readonly reads: readonly string[]
  readonly writes: ReadonlyMap<string, Buffer>
}

/**
 * A ledger in memory that runs the chaincode through fabric-shim's own dispatch, with a stub that does as a peer does:
 * composite keys by the shim's own code, ranges in the order of bytes, no reading of one's own writes, pages with bookmarks
 * only where nothing is written.
 */
export class TestLedger {
  readonly state = new Map<string, Buffer>()
  readonly #chaincode = new ChaincodeFromContract(
    [...contracts],
    { transaction: 'j', serializers: { j: JSONSerializer } },
    {},
    'bims',
    '1'
  )
  #next = 0

  #stub(
    identity: TestIdentity,
    args: readonly string[],
    transient: ReadonlyMap<string, Buffer>,
    txId: string,
    reads: string[],
    writes: Map<string, Buffer>
  ): unknown {
    const { createCompositeKey, splitCompositeKey } = ChaincodeStub.prototype
    const range = (type: string, attributes: string[], pageSize: number, bookmark: string) => {
      if (writes.size > 0) throw new Error('pagination in a transaction that writes')
      const prefix = createCompositeKey(type, attributes)
      const all = [...this.state.keys()]
        .filter(key => compare(key, bookmark || prefix) >= 0 && compare(key, `${prefix}\u{10ffff}`) < 0)
        .sort(compare)
      const keys = all.slice(0, pageSize)
      reads.push(...keys)
      let i = 0
      const iterator = {
        next: async () => {
          const key = keys[i++]
          return key === undefined ? { done: true } : { value: { key, value: this.state.get(key) }, done: false }
        },
        close: async () => undefined
      }
      return Promise.resolve({
        iterator,
        metadata: { fetchedRecordsCount: keys.length, bookmark: all[pageSize] ?? '' }
      })
    }
    return {
      getBufferArgs: () => args.map(arg => Buffer.from(arg)),
      getFunctionAndParameters: () => ({ fcn: args[0], params: args.slice(1) }),
      getTxID: () => txId,
      getChannelID: () => 'bims-channel',
      getTransient: () => transient,
      getCreator: () => ({ mspid: identity.mspId, idBytes: Buffer.from(identity.certificate) }),
      createCompositeKey,
      splitCompositeKey,
      getState: async (key: string) => {
        reads.push(key)
        return this.state.get(key) ?? Buffer.alloc(0)
      },
      putState: async (key: string, value: Uint8Array) => {
        if (value.length === 0) throw new Error('empty value')
        writes.set(key, Buffer.from(value))
      },
      getStateByPartialCompositeKeyWithPagination: range
    }
  }

  /** Simulates a call; nothing is written. */
  async simulate(call: Call): Promise<Outcome> {
    const reads: string[] = []
    const writes = new Map<string, Buffer>()
    const args = [call.transaction, typeof call.argument === 'string' ? call.argument : JSON.stringify(call.argument)]
    const transient = new Map(Object.entries(call.transient ?? {}).map(([name, value]) => [name, Buffer.from(value)]))
    const txId = call.id ?? createHash('sha256').update(String(this.#next++)).digest('hex')
    const { status, payload, message } = await this.#chaincode.Invoke(
      this.#stub(call.identity, args, transient, txId, reads, writes)
    )
    return {
      status,
      payload: Buffer.from(payload ?? []).toString(),
      message: message ?? '',
      error: parseErrorText(message ?? ''),
      reads,
      writes
    }
  }

  /** Simulates and, where it succeeds, commits. */
  async invoke(call: Call): Promise<Outcome> {
    const outcome = await this.simulate(call)
    if (outcome.status === 200) for (const [key, value] of outcome.writes) this.state.set(key, value)
    return outcome
  }

  /** Submits records as a client would. */
  async submit(identity: TestIdentity, records: readonly JsonValue[]): Promise<Outcome> {
    return this.invoke({ identity, transaction: 'Submit', ...submission(records) })
  }
}

/** Argument and transient map for records. */
export const submission = (records: readonly JsonValue[]): Pick<Call, 'argument' | 'transient'> => {
  const contents = records.map(canonicalBytes)
  const refs = records.map((record, i) => {
    const schema = (record as { schema: string }).schema
    const kind = ledgerKindOf(schema)
    return { kind: E.isRight(kind) ? kind.right : 'image', id: idOf(contents[i]!), schema }
  })
  return { argument: { records: refs }, transient: { page: deflateSync(joinPage(contents)) } }
}

/** The id of a record. */
export const idOfRecord = (record: JsonValue): string => idOf(canonicalBytes(record))
