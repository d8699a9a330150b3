import { sha256 } from '../../protobuf/messages.ts'

const prefix = '_implicit_org_'

/** A private collection of a chaincode. */
export interface Collection {
  readonly namespace: string
  readonly name: string
}

/** The organisation whose implicit collection bears a name; undefined for any other name. */
export const ownerOf = (name: string): string | undefined =>
  name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : undefined

/** The hash by which a key of a collection stands in blocks. */
export const hashOfKey = (key: string): Buffer => sha256(Buffer.from(key))

/** Where in the state the hashes of a collection stand, all in hex; the name is Fabric's own. */
export const hashedNamespace = ({ namespace, name }: Collection): string => `${namespace}$$h${name}`

/** Under which name the transaction that wrote a hash stands in the metadata of that hash. */
export const transactionMetadata = 'transaction'
