import { common } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { parseAction, parseEnvelope } from './envelope.ts'
import type { Height } from './height.ts'
import { decode } from './messages.ts'

/** One write of a key, with the transaction that made it. */
export interface KeyHistory {
  readonly txId: string
  /** Undefined where the key was deleted. */
  readonly value: Uint8Array | undefined
  /** The time that the client claimed. */
  readonly seconds: number
  readonly nanos: number
}

const entryOf = (bytes: Uint8Array | undefined, namespace: string, key: string): KeyHistory | undefined => {
  const envelope = bytes === undefined ? undefined : decode(common.Envelope, bytes)
  const parsed = envelope === undefined ? undefined : parseEnvelope(envelope)
  if (parsed === undefined || E.isLeft(parsed)) return undefined
  const action = parseAction(parsed.right)
  if (E.isLeft(action)) return undefined
  const write = action.right.namespaces.find(set => set.namespace === namespace)?.writes.find(w => w.key === key)
  const timestamp = parsed.right.channel.getTimestamp()
  return {
    txId: parsed.right.channel.getTxId(),
    value: write?.value,
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
