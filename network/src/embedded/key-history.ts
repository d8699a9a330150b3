import { common } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { parseAction, parseStored, type ParsedEnvelope } from './envelope.ts'
import type { Height } from './height.ts'

/** One write of a key, with the transaction that made it. */
export interface KeyHistory {
  readonly txId: string
  /** Undefined where the key was deleted. */
  readonly value: Uint8Array | undefined
  /** The time that the client claimed. */
  readonly seconds: number
  readonly nanos: number
}

const writtenBy = (parsed: ParsedEnvelope, namespace: string, key: string): Uint8Array | undefined => {
  const action = parseAction(parsed)
  if (E.isLeft(action)) return undefined
  return action.right.namespaces.find(set => set.namespace === namespace)?.writes.find(w => w.key === key)?.value
}

const entryOf = (bytes: Uint8Array | undefined, namespace: string, key: string): KeyHistory | undefined => {
  const parsed = parseStored(bytes)
  if (parsed === undefined) return undefined
  const timestamp = parsed.channel.getTimestamp()
  return {
    txId: parsed.channel.getTxId(),
    value: writtenBy(parsed, namespace, key),
    seconds: timestamp?.getSeconds() ?? 0,
    nanos: timestamp?.getNanos() ?? 0
  }
}

/** Reads the writes of a key from the blocks in which they stand. */
export const newKeyHistory = (
  read: (block: number) => Promise<Uint8Array>,
  heights: { readonly next: () => Promise<Height | undefined> },
  namespace: string,
  key: string
): { readonly next: () => Promise<KeyHistory | undefined> } => ({
  next: async () => {
    const at = await heights.next()
    if (at === undefined) return undefined
    const block = common.Block.deserializeBinary(await read(at.block))
    return entryOf(block.getData()?.getDataList_asU8()[at.tx], namespace, key)
  }
})
