import type { ledger } from '@hyperledger/fabric-protos'
import type { KeyMetadata } from '../key-metadata.ts'
import { sameBytes, sha256, sortedEntries } from '../../protobuf/messages.ts'
import type { StateView } from '../state-store.ts'
import { keyPolicyEntry, type StateValue } from '../state-value.ts'
import type { Identity } from '../msp.ts'
import { hashedNamespace, hashOfKey, ownerOf, transactionMetadata, type Collection } from './collection.ts'
import type { CollectionRules, FindCollection } from './collection-rules.ts'
import { collectionMessage, type CollectionAccess } from './hashed-set.ts'
import type { PrivateStore, PrivateWrite } from './private-store.ts'

/** As whose peer an execution sees private collections, and where their contents are. */
export interface PrivateView {
  readonly channel: string
  /** The organisation whose peer executes: of the plaintext it has only what is its own. */
  readonly peerOf: string
  /** Who signed the proposal. */
  readonly caller: Pick<Identity, 'mspId' | 'role'>
  readonly find: FindCollection
  readonly store: PrivateStore
}

/** What private collections an execution touched. */
export interface PrivateOutcome {
  /** Whether plaintext was asked for: what comes of it differs between the organisations' peers. */
  readonly seesPlaintext: boolean
  /** Collections of which plaintext was read by its key: only their members' peers endorse that. */
  readonly read: readonly Collection[]
  /** Collections that were written. */
  readonly written: readonly Collection[]
  readonly writes: readonly PrivateWrite[]
  /** Endorsement policies that keys have of which something was written. */
  readonly keyPolicies: readonly Uint8Array[]
}

/** Private collections within one execution. The requests throw an Error whose message the chaincode is told. */
export interface PrivateSimulation {
  readonly get: (collection: string, key: string) => Uint8Array | undefined
  readonly hash: (collection: string, key: string) => Uint8Array | undefined
  readonly metadata: (collection: string, key: string) => KeyMetadata
  readonly setMetadata: (collection: string, key: string, metadata: KeyMetadata) => void
  readonly put: (collection: string, key: string, value: Uint8Array) => void
  readonly purge: (collection: string, key: string) => void
  readonly range: (
    collection: string,
    start: string,
    end: string
  ) => { readonly next: () => Promise<{ readonly key: string; readonly value: Uint8Array } | undefined> }
  /** The parts of the read and write set, by the names of the collections. */
  readonly messages: () => readonly ledger.rwset.CollectionHashedReadWriteSet[]
  readonly outcome: () => PrivateOutcome
  readonly close: () => Promise<void>
}

/** What the execution as a whole knows: the state as it was when it began, and whether it may still write or query. */
export interface ExecutionRules {
  readonly viewed: () => Pick<StateView, 'get'>
  readonly checkWrite: (key: string) => void
  readonly checkPrivateQuery: () => void
  /** Whether keys of a namespace have endorsement policies of their own. */
  readonly guarded: (namespace: string) => boolean
}

const heightText = ({ block, tx }: StateValue['version']): string => `{BlockNum: ${block}, TxNum: ${tx}}`

/** Begins the private part of an execution of a chaincode. */
export const newPrivateSimulation = (
  namespace: string,
  view: PrivateView,
  { viewed, checkWrite, checkPrivateQuery, guarded }: ExecutionRules
): PrivateSimulation => {
  const accesses = new Map<string, CollectionAccess>()
  const read = new Set<string>()
  const cursors: { readonly close: () => Promise<void> }[] = []
  let queried = false

  const definedCollection = (name: string): Collection & { readonly rules: CollectionRules } => {
    const rules = view.find({ namespace, name })
    if (rules === undefined)
      throw new Error(`collection [${name}] not defined in the collection config for chaincode [${namespace}]`)
    return { namespace, name, rules }
  }
  // Fabric asks first whether the caller may; in an implicit collection, whosesoever it is, everybody may.
  const permitted = (name: string, access: 'read' | 'write'): ReturnType<typeof definedCollection> => {
    if (ownerOf(name) === undefined && view.find({ namespace, name }) === undefined)
      throw new Error(`collection ${view.channel}/${namespace}/${name} could not be found`)
    const collection = definedCollection(name)
    const { mayRead, mayWrite } = collection.rules
    if (!(access === 'read' ? mayRead : mayWrite)(view.caller))
      throw new Error(
        `tx creator does not have ${access} access permission on privatedata in chaincodeName:${namespace} collectionName: ${name}`
      )
    return collection
  }
  const isHeld = (collection: Collection): boolean => view.find(collection)?.members.has(view.peerOf) ?? false
  const accessOf = (name: string): CollectionAccess => {
    const found = accesses.get(name) ?? { reads: new Map(), writes: new Map(), purges: new Set(), metadata: new Map() }
    accesses.set(name, found)
    return found
  }
  const hashOf = (collection: Collection, key: string): StateValue | undefined =>
    viewed().get(hashedNamespace(collection), hashOfKey(key).toString('hex'))

  const policyOf = (collection: Collection, key: string): readonly Uint8Array[] => {
    if (!guarded(hashedNamespace(collection))) return []
    const policy = hashOf(collection, key)?.metadata.get(keyPolicyEntry)
    return policy === undefined ? [] : [policy]
  }

  // The plaintext counts only where its hash is the one that the blocks hold.
  const plaintext = (collection: Collection, key: string, hash: StateValue): Uint8Array | undefined => {
    if (!isHeld(collection)) return undefined
    const transaction = Buffer.from(hash.metadata.get(transactionMetadata) ?? []).toString()
    const entry = view.store.get({ collection, keyHash: hashOfKey(key), valueHash: hash.value }, transaction)
    const value = entry?.key === key ? entry.value : undefined
    return value !== undefined && sameBytes(sha256(value), hash.value) ? value : undefined
  }
  const valueOf = (collection: Collection, key: string, hash: StateValue | undefined): Uint8Array | undefined => {
    if (hash === undefined) return undefined
    const value = plaintext(collection, key, hash)
    if (value === undefined)
      throw new Error(
        `private data matching public hash version is not available. Public hash version = ${heightText(hash.version)}, Private data version = <nil>`
      )
    return value
  }
  const noteRead = (name: string, key: string, hash: StateValue | undefined): void => {
    const { reads } = accessOf(name)
    if (!reads.has(key)) reads.set(key, hash?.version)
  }

  return {
    get: (name, key) => {
      const collection = permitted(name, 'read')
      const hash = hashOf(collection, key)
      const value = valueOf(collection, key, hash)
      noteRead(name, key, hash)
      read.add(name)
      return value
    },
    hash: (name, key) => {
      const hash = hashOf(definedCollection(name), key)
      noteRead(name, key, hash)
      return hash?.value
    },
    metadata: (name, key) => {
      const hash = hashOf(permitted(name, 'read'), key)
      noteRead(name, key, hash)
      return new Map([...(hash?.metadata ?? [])].filter(([entry]) => entry !== transactionMetadata))
    },
    setMetadata: (name, key, metadata) => {
      permitted(name, 'write')
      checkWrite(key)
      accessOf(name).metadata.set(key, metadata)
    },
    put: (name, key, value) => {
      permitted(name, 'write')
      checkWrite(key)
      const { purges, writes } = accessOf(name)
      purges.delete(key)
      writes.set(key, value.length === 0 ? undefined : value)
    },
    purge: (name, key) => {
      permitted(name, 'write')
      checkWrite(key)
      const { purges, writes } = accessOf(name)
      purges.add(key)
      writes.set(key, undefined)
    },
    range: (name, start, end) => {
      const collection = permitted(name, 'read')
      checkPrivateQuery()
      queried = true
      const isMember = isHeld(collection)
      const cursor = view.store.keys(collection, start, end)
      cursors.push(cursor)
      const next = async (): Promise<{ readonly key: string; readonly value: Uint8Array } | undefined> => {
        for (let key = await cursor.next(); isMember && key !== undefined; key = await cursor.next()) {
          const hash = hashOf(collection, key)
          const value = hash === undefined ? undefined : plaintext(collection, key, hash)
          // What was not there when the execution began, or is not here, is passed over, as in Fabric.
          if (value !== undefined) return { key, value }
        }
        return undefined
      }
      return { next }
    },
    messages: () => sortedEntries(accesses).map(([name, access]) => collectionMessage(name, access)),
    outcome: () => ({
      seesPlaintext: queried || read.size > 0,
      read: [...read].map(name => ({ namespace, name })),
      written: [...accesses].flatMap(([name, { metadata, writes }]) =>
        metadata.size + writes.size > 0 ? [{ namespace, name }] : []
      ),
      writes: [...accesses].flatMap(([name, { purges, writes }]) =>
        [...writes].flatMap(([key, value]) =>
          purges.has(key) ? [] : [{ collection: { namespace, name }, key, value }]
        )
      ),
      keyPolicies: [...accesses].flatMap(([name, { metadata, writes }]) =>
        [...new Set([...writes.keys(), ...metadata.keys()])].flatMap(key => policyOf({ namespace, name }, key))
      )
    }),
    close: async () => {
      for (const cursor of cursors.splice(0)) await cursor.close()
    }
  }
}
