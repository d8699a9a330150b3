import * as E from 'fp-ts/lib/Either.js'
import type { MspRegistry } from './msp.ts'

/** Whether someone may read the channel: any member of its organisations whose certificate has not expired. */
export const checkReader = async (
  msp: MspRegistry,
  identity: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array
): Promise<boolean> => {
  const reader = msp.identify(identity)
  if (E.isLeft(reader) || reader.right.notAfter < Date.now()) return false
  return msp.verify(reader.right, data, signature)
}
