import { ledger } from '@hyperledger/fabric-protos'
import { sortedEntries } from '../protobuf/messages.ts'
import type { PrivateOutcome, PrivateView } from './private-data/private-simulation.ts'
import { newSimulation, type Simulation, type SimulationRules } from './simulation.ts'
import type { StateStore, StateView } from './state-store.ts'

/** What an execution did with private collections. */
export interface CollectionsOutcome extends PrivateOutcome {
  /** Chaincodes that wrote into their public state, or nothing at all: then their own policy counts. */
  readonly underPolicy: readonly string[]
}

/** One execution of a transaction, by the chaincode that was called and by those that it calls. */
export interface TransactionSimulation {
  /** What a chaincode does in its namespace; all see the state as it was when the execution began. */
  readonly of: (namespace: string) => Simulation
  /** The serialized read and write set. */
  readonly results: () => Uint8Array
  /** What was done with private collections, and which chaincodes' policies count beside that of their owners. */
  readonly collections: () => CollectionsOutcome
  /** Gives back what the execution held; may be called twice. */
  readonly close: () => Promise<void>
}

const refused = (txId: string, why: string): Error => new Error(`txid [${txId}]: unsuppored transaction. ${why}`)

// Fabric allows a paginated query, and one of private data, only where nothing is written.
const rulesOf = (txId: string, viewed: () => StateView, guarded: SimulationRules['guarded']): SimulationRules => {
  let wrote = false
  let paginatedOnce = false
  let queriedPrivate = false
  return {
    viewed,
    guarded,
    checkWrite: () => {
      if (queriedPrivate)
        throw refused(txId, 'Transaction has already performed queries on pvt data. Writes are not allowed')
      if (paginatedOnce)
        throw refused(txId, 'Transaction has already performed a paginated query. Writes are not allowed')
      wrote = true
    },
    checkPaginated: () => {
      if (wrote) throw refused(txId, 'Paginated queries are supported only in a read-only transaction')
      paginatedOnce = true
    },
    checkPrivateQuery: () => {
      if (wrote) throw refused(txId, 'Queries on pvt data is supported only in a read-only transaction')
      queriedPrivate = true
    }
  }
}

/** Begins an execution; what it never reads costs no snapshot. */
export const newTransactionSimulation = (
  state: StateStore,
  txId: string,
  privateView: PrivateView
): TransactionSimulation => {
  const namespaces = new Map<string, Simulation>()
  let view: StateView | undefined
  let closed = false
  const rules = rulesOf(
    txId,
    () => {
      if (closed) throw new Error('this instance should not be used after calling Done()')
      view ??= state.snapshot()
      return view
    },
    state.hasKeyPolicies
  )
  return {
    of: namespace => {
      const known = namespaces.get(namespace) ?? newSimulation(rules, namespace, privateView)
      namespaces.set(namespace, known)
      return known
    },
    results: () => {
      const all = new ledger.rwset.TxReadWriteSet()
      all.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV)
      all.setNsRwsetList(sortedEntries(namespaces).map(([, simulation]) => simulation.set()))
      return all.serializeBinary()
    },
    collections: () => {
      const parts = [...namespaces.values()].map(({ collections }) => collections.outcome())
      return {
        read: parts.flatMap(({ read }) => read),
        written: parts.flatMap(({ written }) => written),
        writes: parts.flatMap(({ writes }) => writes),
        seesPlaintext: parts.some(({ seesPlaintext }) => seesPlaintext),
        keyPolicies: [...namespaces.values()].flatMap(({ keyPolicies }, i) => [
          ...keyPolicies().policies,
          ...(parts[i]?.keyPolicies ?? [])
        ]),
        underPolicy: [...namespaces].flatMap(([name, { keyPolicies, writesPublic }], i) =>
          keyPolicies().others || (!writesPublic() && parts[i]?.written.length === 0) ? [name] : []
        )
      }
    },
    close: async () => {
      closed = true
      for (const simulation of namespaces.values()) await simulation.close()
      const held = view
      view = undefined
      await held?.close()
    }
  }
}
