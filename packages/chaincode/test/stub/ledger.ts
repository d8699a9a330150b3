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
  restrictedCollection,
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
  /** The time in the proposal's header; a second later for each call where it is not given. */
  readonly time?: string
  /** The organisation whose peer endorses; that of the caller where it is not given. */
  readonly peer?: string
}

/** Writes of a simulation; null: deleted or purged. */
export type Writes = ReadonlyMap<string, Buffer | null>

/** What a simulation gave. */
export interface Outcome {
  readonly status: number
  readonly payload: string
  readonly error: BimsError | undefined
  readonly message: string
  readonly reads: readonly string[]
  readonly writes: Writes
  /** By collection. */
  readonly privateWrites: ReadonlyMap<string, Writes>
  /** Private keys whose hashes were read, with the collection before them. */
  readonly hashReads: readonly string[]
  /** Private keys that were read, with the collection before them. */
  readonly privateReads: readonly string[]
}

interface Simulation {
  readonly identity: TestIdentity
  readonly args: readonly string[]
  readonly transient: ReadonlyMap<string, Buffer>
  readonly txId: string
  readonly time: string
  readonly peer: string
  readonly reads: string[]
  readonly hashReads: string[]
  readonly privateReads: string[]
  readonly writes: Map<string, Buffer | null>
  readonly privateWrites: Map<string, Map<string, Buffer | null>>
}

// What the chaincode's definition has; an organisation that joined later is not among them.
const defined = new Set(['Org1MSP', 'Org2MSP', 'Org3MSP'].map(restrictedCollection))

const lastRune = '\u{10ffff}'

/**
 * A ledger in memory that runs the chaincode through fabric-shim's own dispatch, with a stub that does as a peer does:
 * composite keys by the shim's own code, ranges in the order of bytes, no reading of one's own writes, pages with bookmarks
 * and private ranges only where nothing is written. Private data: a peer that is no member fails where there is a hash and
 * no data, anybody sees hashes, callers that are no members may not read, and may write and purge.
 */
export class TestLedger {
  readonly state = new Map<string, Buffer>()
  /** By collection. */
  readonly privateState = new Map<string, Map<string, Buffer>>()
  readonly #chaincode = new ChaincodeFromContract(
    [...contracts],
    { transaction: 'j', serializers: { j: JSONSerializer } },
    {},
    'bims',
    '2'
  )
  #next = 0

  #private(collection: string): Map<string, Buffer> {
    if (!defined.has(collection)) throw new Error(`collection bims-channel/bims/${collection} could not be found`)
    const known = this.privateState.get(collection) ?? new Map<string, Buffer>()
    this.privateState.set(collection, known)
    return known
  }

  #range(state: ReadonlyMap<string, Buffer>, from: string, to: string, reads: string[], pageSize = Infinity) {
    const all = [...state.keys()].filter(key => compare(key, from) >= 0 && compare(key, to) < 0).sort(compare)
    const keys = all.slice(0, pageSize)
    let i = 0
    const iterator = {
      next: async () => {
        const key = keys[i++]
        if (key === undefined) return { done: true }
        reads.push(key)
        return { value: { key, value: state.get(key) }, done: false }
      },
      close: async () => undefined
    }
    return { iterator, metadata: { fetchedRecordsCount: keys.length, bookmark: all[pageSize] ?? '' } }
  }

  #stub(simulation: Simulation): unknown {
    const { args, hashReads, identity, peer, privateReads, privateWrites, reads, time, transient, txId, writes } =
      simulation
    const { createCompositeKey, splitCompositeKey } = ChaincodeStub.prototype
    let queried = false
    const query = (): void => {
      if (writes.size > 0 || privateWrites.size > 0) throw new Error('a query after a write')
      queried = true
    }
    const write = (): void => {
      if (queried) throw new Error('unsuitable for a transaction: it performed a query that only reads may')
    }
    const privateWrite = (collection: string, key: string, value: Buffer | null): void => {
      write()
      this.#private(collection)
      const known = privateWrites.get(collection) ?? new Map<string, Buffer | null>()
      known.set(key, value)
      privateWrites.set(collection, known)
    }
    const isMember = (collection: string): boolean => collection === restrictedCollection(peer)
    const checkReader = (collection: string): void => {
      this.#private(collection)
      if (collection !== restrictedCollection(identity.mspId))
        throw new Error(
          `tx creator does not have read access permission on privatedata in chaincodeName:bims collectionName: ${collection}`
        )
    }
    return {
      getBufferArgs: () => args.map(arg => Buffer.from(arg)),
      getFunctionAndParameters: () => ({ fcn: args[0], params: args.slice(1) }),
      getTxID: () => txId,
      getChannelID: () => 'bims-channel',
      getTransient: () => transient,
      getCreator: () => ({ mspid: identity.mspId, idBytes: Buffer.from(identity.certificate) }),
      getDateTimestamp: () => new Date(time),
      createCompositeKey,
      splitCompositeKey,
      getState: async (key: string) => {
        reads.push(key)
        return this.state.get(key) ?? Buffer.alloc(0)
      },
      putState: async (key: string, value: Uint8Array) => {
        write()
        if (value.length === 0) throw new Error('empty value')
        writes.set(key, Buffer.from(value))
      },
      deleteState: async (key: string) => {
        write()
        writes.set(key, null)
      },
      getStateByPartialCompositeKeyWithPagination: async (
        type: string,
        attributes: string[],
        pageSize: number,
        bookmark: string
      ) => {
        query()
        const prefix = createCompositeKey(type, attributes)
        return this.#range(this.state, bookmark || prefix, `${prefix}${lastRune}`, reads, pageSize)
      },
      getPrivateData: async (collection: string, key: string) => {
        checkReader(collection)
        privateReads.push(collection + key)
        const value = this.#private(collection).get(key)
        if (value !== undefined && !isMember(collection))
          throw new Error('private data matching public hash version is not available')
        return value ?? Buffer.alloc(0)
      },
      getPrivateDataHash: async (collection: string, key: string) => {
        hashReads.push(collection + key)
        if (!defined.has(collection))
          throw new Error(`collection [${collection}] not defined in the collection config for chaincode [bims]`)
        const value = this.#private(collection).get(key)
        return value === undefined ? Buffer.alloc(0) : createHash('sha256').update(value).digest()
      },
      putPrivateData: async (collection: string, key: string, value: Uint8Array) => {
        if (value.length === 0) throw new Error('empty value')
        privateWrite(collection, key, Buffer.from(value))
      },
      purgePrivateData: async (collection: string, key: string) => privateWrite(collection, key, null),
      // As in the shim: what is promised is { iterator, metadata }, and only the promise itself can be iterated.
      getPrivateDataByRange: (collection: string, from: string, to: string) => {
        checkReader(collection)
        query()
        const held = isMember(collection) ? this.#private(collection) : new Map<string, Buffer>()
        const response = this.#range(held, from, to, privateReads)
        return Object.assign(Promise.resolve(response), {
          [Symbol.asyncIterator]: () => ({
            next: () => response.iterator.next(),
            return: async () => {
              await response.iterator.close()
              return { value: undefined, done: true }
            }
          })
        })
      }
    }
  }

  /** Simulates a call; nothing is written. */
  async simulate(call: Call): Promise<Outcome> {
    const n = this.#next++
    const simulation: Simulation = {
      identity: call.identity,
      args: [call.transaction, typeof call.argument === 'string' ? call.argument : JSON.stringify(call.argument)],
      transient: new Map(Object.entries(call.transient ?? {}).map(([name, value]) => [name, Buffer.from(value)])),
      txId: call.id ?? createHash('sha256').update(String(n)).digest('hex'),
      time: call.time ?? new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString(),
      peer: call.peer ?? call.identity.mspId,
      reads: [],
      hashReads: [],
      privateReads: [],
      writes: new Map(),
      privateWrites: new Map()
    }
    const { status, payload, message } = await this.#chaincode.Invoke(this.#stub(simulation))
    const { hashReads, privateReads, privateWrites, reads, writes } = simulation
    return {
      status,
      payload: Buffer.from(payload ?? []).toString(),
      message: message ?? '',
      error: parseErrorText(message ?? ''),
      reads,
      hashReads,
      privateReads,
      writes,
      privateWrites
    }
  }

  /** Commits what a simulation wrote, endorsed by a peer of this organisation. */
  commit({ privateWrites, writes }: Outcome, peer: string): void {
    for (const collection of privateWrites.keys())
      if (collection !== restrictedCollection(peer)) throw new Error('ENDORSEMENT_POLICY_FAILURE')
    const apply = (to: Map<string, Buffer>, written: Writes): void => {
      for (const [key, value] of written) {
        if (value === null) to.delete(key)
        else to.set(key, value)
      }
    }
    apply(this.state, writes)
    for (const [collection, written] of privateWrites) apply(this.#private(collection), written)
  }

  /** Simulates and, where it succeeds, commits. */
  async invoke(call: Call): Promise<Outcome> {
    const outcome = await this.simulate(call)
    if (outcome.status === 200) this.commit(outcome, call.peer ?? call.identity.mspId)
    return outcome
  }

  /** Submits records as a client would; `more` goes into the argument. */
  async submit(identity: TestIdentity, records: readonly JsonValue[], more: object = {}): Promise<Outcome> {
    const { argument, transient } = submission(records)
    return this.invoke({
      identity,
      transaction: 'Submit',
      argument: { ...(argument as object), ...more },
      ...(transient && { transient })
    })
  }

  /** Submits supersede and withdraw records whose targets were submitted in the transaction given. */
  async mark(identity: TestIdentity, record: JsonValue, target: string | undefined): Promise<Outcome> {
    const { argument, transient } = submission([record])
    const [ref] = (argument as { records: object[] }).records
    return this.invoke({
      identity,
      transaction: 'Submit',
      argument: { records: [{ ...ref, ...(target !== undefined && { target }) }] },
      ...(transient && { transient })
    })
  }
}

/** The transaction that a successful outcome answers. */
export const transactionOf = ({ payload, message }: Outcome): string => {
  if (payload === '') throw new Error(message)
  return (JSON.parse(payload) as { transaction: string }).transaction
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
