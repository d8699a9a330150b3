import {
  checkManifest,
  checkPixels,
  checkRedaction,
  checkSignatures,
  parseBundle,
  verdictOf,
  type BimsError,
  type Check,
  type ReadBundle,
  type Verdict
} from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  bytesIn,
  findBundle,
  manifestImages,
  withImage,
  type FileBundle,
  type OpenImage,
  type Watch
} from '../files/open-image.ts'
import { readRoots } from '../identity/roots.ts'
import type { LedgerAccess } from '../submit/ledger-access.ts'
import { value } from '../promise.ts'
import { readRevocations } from '../identity/revocations.ts'
import { isDamagedBundle } from './damaged.ts'
import { checkLedger } from './ledger-check.ts'
import { checkReceipts, type ReceiptOptions } from './receipt-check.ts'

/** How a file is verified. */
export interface VerifyOptions extends Watch {
  /** Files with root certificates (PEM) that you trust. Roots are never taken from the image. */
  readonly trust?: readonly string[]
  /** Files with certificate revocation lists (PEM or DER): an endorser that one of them revokes does not count. */
  readonly revocations?: readonly string[]
  /** Name of the channel that receipts must be about; default `bims`. */
  readonly channel?: string
  /** Name of the chaincode that receipts must be of; default `bims`. */
  readonly chaincode?: string
  /** Looks the records up on a ledger too. */
  readonly ledger?: LedgerAccess
}

/** What verifying a file came to. */
export interface VerifyReport extends Verdict {
  readonly file: string
  /** Id of the manifest, where a bundle could be read. */
  readonly manifest?: string
  readonly place?: 'embedded' | 'sidecar'
  readonly warnings: readonly string[]
}

const notChecked = (name: Check['name'], why: string): Check => ({ name, status: 'not-checked', why })

const without = (file: string, why: string, manifest: Check): VerifyReport => ({
  file,
  warnings: [],
  ...verdictOf(
    [
      notChecked('pixels', why),
      manifest,
      notChecked('redaction', why),
      notChecked('signature', why),
      notChecked('ledger', why),
      notChecked('receipt', why)
    ],
    { macro: false, network: false, receipt: false },
    false
  )
})

const verifyRead = async (
  opened: OpenImage,
  found: FileBundle,
  read: ReadBundle,
  options: VerifyOptions,
  trusted: ReceiptOptions
): Promise<VerifyReport> => {
  const images = await manifestImages(opened, options)
  const signature = await checkSignatures(read, trusted.roots)
  const receipts = await checkReceipts(read, trusted)
  const checks: readonly Check[] = [
    checkPixels(read, images),
    await checkManifest(read, bytesIn(opened)),
    checkRedaction(read),
    signature.check,
    options.ledger === undefined
      ? notChecked('ledger', 'no network was given (--network)')
      : await checkLedger(read, options.ledger),
    receipts.check
  ]
  const expect = {
    macro: read.bundle.manifest.macro !== undefined,
    network: options.ledger !== undefined,
    receipt: read.bundle.receipts.length > 0
  }
  return {
    file: opened.path,
    manifest: read.manifest.id,
    place: found.place,
    warnings: found.warnings,
    ...verdictOf(checks, expect, signature.signedUnderRoot, receipts.consortium)
  }
}

const trustedBy = async ({
  trust = [],
  revocations = [],
  channel,
  chaincode
}: VerifyOptions): Promise<ReceiptOptions> => {
  const roots = await readRoots(trust)
  const lists = await readRevocations(revocations)
  if (lists.length > 0) value((await import('@bims/ledger')).checkRevocationLists(lists, roots))
  return {
    roots,
    revocations: lists,
    ...(channel !== undefined && { channel }),
    ...(chaincode !== undefined && { chaincode })
  }
}

/**
 * Verifies an image file: its pixels, manifest, redaction and signatures, and on request the ledger. Every failure is
 * a check with its reason; only what is no BIMS file at all rejects.
 * Rejects with `file-missing`, `container-unknown`, `bundle-foreign`, `record-major`, `certificate-invalid`.
 *
 * @example
 * ```ts
 * import { verify } from 'bims'
 *
 * const report = await verify('mask.tif', { trust: ['lab-roots.pem'] })
 * console.log(report.verdict, report.checks)
 * ```
 */
export const verify = async (file: string, options: VerifyOptions = {}): Promise<VerifyReport> => {
  const trusted = await trustedBy(options)
  return withImage(file, async opened => {
    const found = await findBundle(opened)
    if (found === undefined)
      return without(
        file,
        'the file carries no bundle',
        notChecked('manifest', 'the file carries no bundle and has no sidecar')
      )
    const read = parseBundle(found.bytes)
    if (isLeft(read)) return damagedReport(file, found, read.left)
    return verifyRead(opened, found, read.right, options, trusted)
  })
}

const damagedReport = (file: string, found: FileBundle, error: BimsError): VerifyReport => {
  if (!isDamagedBundle(found.bytes, error)) throw error
  return {
    ...without(file, 'the bundle cannot be read', {
      name: 'manifest',
      status: 'fail',
      why: `the bundle was damaged: ${error.what}`
    }),
    place: found.place,
    warnings: found.warnings
  }
}
