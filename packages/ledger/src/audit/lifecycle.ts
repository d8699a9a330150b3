import { peer } from '@hyperledger/fabric-protos'
import { decoded } from '../wire/exact.ts'

const { lifecycle } = peer

/** What the channel knows of a chaincode. */
export interface ChaincodeDefinition {
  readonly plugin: string
  /** Serialized ApplicationPolicy. */
  readonly policy: Uint8Array
  /** Serialized ApplicationPolicy of each explicit collection; empty where the chaincode's own counts. */
  readonly collections: ReadonlyMap<string, Uint8Array>
}

/** The chaincode definitions of a channel, followed through the writes to the lifecycle's state. */
export interface Lifecycle {
  readonly definition: (chaincode: string) => ChaincodeDefinition | undefined
  readonly apply: (writes: readonly (readonly [key: string, value: Uint8Array])[]) => void
}

/** The namespace in which the lifecycle keeps definitions. */
export const lifecycleNamespace = '_lifecycle'

const fieldPattern = /^namespaces\/fields\/(.+)\/(ValidationInfo|Collections)$/

const bytesOf = (value: Uint8Array): Uint8Array | undefined => decoded(lifecycle.StateData, value)?.getBytes_asU8()

const listOf = (bytes: Uint8Array): readonly peer.StaticCollectionConfig[] =>
  (decoded(peer.CollectionConfigPackage, bytes)?.getConfigList() ?? []).flatMap(
    config => config.getStaticCollectionConfig() ?? []
  )

const collectionsOf = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> =>
  new Map(
    listOf(bytes).map(
      own => [own.getName(), own.getEndorsementPolicy()?.serializeBinary() ?? new Uint8Array()] as const
    )
  )

/** The explicit collections that a write to the lifecycle's state gives a chaincode; undefined where it is about something else. */
export const definedCollections = (
  key: string,
  value: Uint8Array
): { readonly chaincode: string; readonly collections: readonly peer.StaticCollectionConfig[] } | undefined => {
  const [, chaincode, field] = fieldPattern.exec(key) ?? []
  const bytes = bytesOf(value)
  return chaincode === undefined || field !== 'Collections' || bytes === undefined
    ? undefined
    : { chaincode, collections: listOf(bytes) }
}

const empty: ChaincodeDefinition = { plugin: '', policy: new Uint8Array(), collections: new Map() }

const validationOf = (bytes: Uint8Array): Pick<ChaincodeDefinition, 'plugin' | 'policy'> => {
  const info = decoded(lifecycle.ChaincodeValidationInfo, bytes)
  return info === undefined
    ? { plugin: '', policy: new Uint8Array() }
    : { plugin: info.getValidationPlugin(), policy: info.getValidationParameter_asU8() }
}

/** Begins with no chaincode. */
export const newLifecycle = (): Lifecycle => {
  const definitions = new Map<string, ChaincodeDefinition>()
  const write = (key: string, value: Uint8Array): void => {
    const [, chaincode, field] = fieldPattern.exec(key) ?? []
    const bytes = bytesOf(value)
    if (chaincode === undefined || bytes === undefined) return
    const change = field === 'Collections' ? { collections: collectionsOf(bytes) } : validationOf(bytes)
    definitions.set(chaincode, { ...(definitions.get(chaincode) ?? empty), ...change })
  }
  return {
    definition: chaincode => {
      const found = definitions.get(chaincode)
      return found === undefined || found.plugin === '' ? undefined : found
    },
    apply: writes => writes.forEach(([key, value]) => write(key, value))
  }
}
