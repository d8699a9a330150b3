import {
  isJsonObject,
  isRestricted,
  newError,
  toJson,
  type BimsError,
  type Bundle,
  type JsonValue,
  type ReadBundle,
  type Receipt
} from '@bims/core'
import type { Ledger, VerifiedReceipt } from '@bims/ledger'
import { isLeft } from 'fp-ts/lib/Either.js'
import { readFileBundle, withImage, type OpenImage, type Watch } from '../files/open-image.ts'
import type { IdentityOptions } from '../identity/identity.ts'
import { profileRoots } from '../identity/profile-roots.ts'
import { promised, value } from '../promise.ts'
import { writeBundle, type Written } from '../save/write-file.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'

/** How receipts are asked for. */
export interface ReceiptsOptions extends IdentityOptions, Watch {
  /** Ids of the records; the manifest and the records of the file where none is given. */
  readonly ids?: readonly string[]
}

/** A receipt that was embedded. */
export interface AddedReceipt {
  readonly over: string
  readonly block: number
  readonly transaction: string
  /** mspIds of the organisations whose peers signed. */
  readonly organizations: readonly string[]
  readonly trust: VerifiedReceipt['trust']
}

/** What became of asking for receipts. */
export interface ReceiptsReport extends Written {
  readonly receipts: readonly AddedReceipt[]
  readonly warnings: readonly string[]
}

interface Asked {
  readonly receipt: Receipt
  readonly added: AddedReceipt
}

const added = ({ over, block, transaction, endorsers, trust }: VerifiedReceipt): AddedReceipt => ({
  over,
  block,
  transaction,
  organizations: [...new Set(endorsers.map(({ mspId }) => mspId))].sort(),
  trust
})

const restrictedOnly = (id: string): BimsError =>
  newError(
    'ledger-unsupported',
    `The record ${id} is restricted: there is no receipt over it, since peers sign for what they read in public.`,
    'Make it public with `bims release`, or have colleagues of your organisation verify with --network.'
  )

/** Restricted records of the file that do not stand in public. */
const isRestrictedOnly = (read: ReadBundle, id: string, { code }: BimsError): boolean =>
  code === 'ledger-not-found' &&
  [...read.records, read.manifest].some(sealed => sealed.id === id && isRestricted(sealed.record))

// What does not verify here would not verify anywhere: a peer that signs something else is found out now.
const ask = async (ledger: Ledger, access: LedgerAccess, read: ReadBundle, id: string): Promise<Asked> => {
  const attested = await ledger.attest(id)()
  if (isLeft(attested) && isRestrictedOnly(read, id, attested.left)) throw restrictedOnly(id)
  const receipt = value(attested)
  const { verifyReceipt } = await import('@bims/ledger')
  const { channel, chaincode } = access.profile
  const terms = { roots: profileRoots(access.profile), revocations: [], channel, chaincode }
  return { receipt, added: added(await promised(verifyReceipt(toJson(receipt), terms))) }
}

const idsOf = (read: ReadBundle): readonly string[] => [
  ...new Set([
    read.manifest.id,
    ...read.records.map(({ id }) => id),
    ...read.bundle.records.flatMap(record => (typeof record === 'string' ? [record] : []))
  ])
]

const checkIds = (read: ReadBundle, ids: readonly string[]): readonly string[] => {
  const own = new Set(idsOf(read))
  const strange = ids.find(id => !own.has(id))
  if (strange !== undefined)
    throw newError(
      'ledger-not-found',
      `The file holds no record ${strange}.`,
      'Name records of the file: `bims extract` shows them.'
    )
  return ids
}

interface Gathered {
  readonly asked: readonly Asked[]
  readonly warnings: readonly string[]
}

/** Why there can be no receipt over a record that need not have one. */
const absence = async (ledger: Ledger, read: ReadBundle, id: string): Promise<string | undefined> => {
  const standing = await ledger.read(id)()
  if (!isLeft(standing) || standing.left.code !== 'ledger-not-found') {
    value(standing)
    return undefined
  }
  return isRestrictedOnly(read, id, standing.left)
    ? `the record ${id} is restricted: there is no receipt over it`
    : `the record ${id} does not stand on the ledger: it was not submitted, or by nobody yet`
}

const gather = async (
  read: ReadBundle,
  access: LedgerAccess,
  { ids, onProgress }: ReceiptsOptions
): Promise<Gathered> => {
  const ledger = await access.open()
  const wanted = ids === undefined || ids.length === 0 ? idsOf(read) : checkIds(read, ids)
  const must = new Set(ids === undefined || ids.length === 0 ? [read.manifest.id] : wanted)
  const asked: Asked[] = []
  const warnings: string[] = []
  for (const [i, id] of wanted.entries()) {
    onProgress?.('asking for receipts', i / wanted.length)
    const why = must.has(id) ? undefined : await absence(ledger, read, id)
    if (why === undefined) asked.push(await ask(ledger, access, read, id))
    else warnings.push(why)
  }
  return { asked, warnings }
}

const overOf = (receipt: JsonValue): JsonValue | undefined => (isJsonObject(receipt) ? receipt['over'] : undefined)

const withReceipts = (bundle: Bundle, asked: readonly Asked[]): Bundle => {
  const renewed = new Set<JsonValue | undefined>(asked.map(({ receipt }) => receipt.over))
  const kept = bundle.receipts.filter(receipt => !renewed.has(overOf(receipt)))
  return { ...bundle, receipts: [...kept, ...asked.map(({ receipt }) => toJson(receipt))] }
}

const addTo = async (opened: OpenImage, access: LedgerAccess, options: ReceiptsOptions): Promise<ReceiptsReport> => {
  const found = await readFileBundle(opened)
  const { asked, warnings } = await gather(found.read, access, options)
  const written = await writeBundle(opened, { inPlace: true }, withReceipts(found.read.bundle, asked), options)
  return { ...written, receipts: asked.map(one => one.added), warnings: [...found.warnings, ...warnings] }
}

/**
 * Asks the ledger for receipts, offline proof that the records of a saved file stand on it, and embeds them in the file:
 * atomically, signatures untouched; earlier receipts over the same records are replaced. The manifest must stand on the
 * ledger; of other records that do not, a warning tells.
 * Rejects with `ledger-not-found`, `ledger-unreachable`, `receipt-invalid` (the peers signed something else),
 * `bundle-missing`, `file-permission`, `disk-full`.
 *
 * @example
 * ```ts
 * import { addReceipts, verify } from 'bims'
 *
 * await addReceipts('mask.tif', { network: './lab' })
 * const report = await verify('mask.tif', { trust: ['lab-roots.pem'] })
 * console.log(report.trust)
 * ```
 */
export const addReceipts = async (file: string, options: ReceiptsOptions = {}): Promise<ReceiptsReport> => {
  const access = await ledgerOf(options)
  try {
    return await withImage(file, opened => addTo(opened, access, options))
  } finally {
    await access.close()
  }
}
