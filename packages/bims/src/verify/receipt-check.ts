import { isJsonObject, type Certificate, type Check, type JsonValue, type ReadBundle } from '@bims/core'
import type { RevocationList, VerifiedReceipt } from '@bims/ledger'
import { isLeft } from 'fp-ts/lib/Either.js'

/** What the verifier takes the receipts of a file for: its own word, never the file's. */
export interface ReceiptOptions {
  readonly roots: readonly Certificate[]
  readonly revocations: readonly RevocationList[]
  /** Name of the channel; `bims` where it is not given. */
  readonly channel?: string
  /** Name of the BIMS chaincode; `bims` where it is not given. */
  readonly chaincode?: string
}

/** What the receipts of a bundle come to. */
export interface ReceiptCheck {
  readonly check: Check
  /** The manifest's receipt bears endorsements of two or more organisations, none of an embedded ledger. */
  readonly consortium: boolean
}

const outcome = (status: Check['status'], why: string, consortium = false): ReceiptCheck => ({
  check: { name: 'receipt', status, why },
  consortium
})

const overOf = (receipt: JsonValue): string => {
  const over = isJsonObject(receipt) ? receipt['over'] : undefined
  return typeof over === 'string' ? over : ''
}

const idsIn = ({ manifest, records, bundle }: ReadBundle): ReadonlySet<string> =>
  new Set([
    manifest.id,
    ...records.map(({ id }) => id),
    ...bundle.records.flatMap(record => (typeof record === 'string' ? [record] : []))
  ])

const words = ({ block, channel, endorsers, place, trust }: VerifiedReceipt): string => {
  const who = [...new Set(endorsers.map(({ mspId, root }) => `${mspId} (${root})`))].join(' and ')
  const embedded = endorsers.some(endorser => endorser.embedded) ? ', an embedded ledger: one machine, one owner' : ''
  return `${who} signed that it stands on the channel ${channel} in block ${block}, transaction ${place} (${trust}${embedded}; when they signed is only claimed)`
}

/**
 * Verifies the receipts of a bundle, without a ledger and without a network. One that does not hold, or is over
 * something that is not in the bundle, fails; without a root to trust nothing is checked.
 */
export const checkReceipts = async (read: ReadBundle, options: ReceiptOptions): Promise<ReceiptCheck> => {
  const { receipts } = read.bundle
  if (receipts.length === 0) return outcome('not-checked', 'the bundle holds no receipt')
  if (options.roots.length === 0)
    return outcome('not-checked', 'the bundle holds receipts, but no root was given to trust (--trust)')
  // What reads Fabric's messages is heavy, and files without receipts need none of it.
  const { verifyReceipt } = await import('@bims/ledger')
  const terms = { channel: 'bims', chaincode: 'bims', ...options }
  const ids = idsIn(read)
  let manifest: VerifiedReceipt | undefined
  for (const receipt of receipts) {
    const over = overOf(receipt)
    if (!ids.has(over)) return outcome('fail', `a receipt is over ${over || 'nothing'}, which is not in the bundle`)
    const verified = await verifyReceipt(receipt, terms)()
    if (isLeft(verified)) return outcome('fail', verified.left.what)
    if (over === read.manifest.id) manifest = verified.right
  }
  return manifest === undefined
    ? outcome('not-checked', 'the receipts hold, but none is over the manifest')
    : outcome('pass', words(manifest), manifest.trust === 'consortium')
}
