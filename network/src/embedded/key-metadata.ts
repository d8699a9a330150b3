import { ledger } from '@hyperledger/fabric-protos'

/** What is written beside a key's value, by names; empty: nothing is to stand there any more. */
export type KeyMetadata = ReadonlyMap<string, Uint8Array>

/** Reads the entries of a metadata write. */
export const metadataOf = (entries: readonly ledger.rwset.kvrwset.KVMetadataEntry[]): KeyMetadata =>
  new Map(entries.map(entry => [entry.getName(), entry.getValue_asU8()]))

/** The entries of a metadata write, in the order of their names. */
export const metadataEntries = (metadata: KeyMetadata): ledger.rwset.kvrwset.KVMetadataEntry[] =>
  [...metadata]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => {
      const entry = new ledger.rwset.kvrwset.KVMetadataEntry()
      entry.setName(name)
      entry.setValue(value)
      return entry
    })
