import {
  checkManifest,
  checkPixels,
  checkRedaction,
  checkSignatures,
  parseBundle,
  verdictOf,
  type BimsError,
  type Certificate,
  type Check,
  type ReadBundle,
  type Verdict
} from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  findBundle,
  manifestImages,
  withImage,
  type FileBundle,
  type OpenImage,
  type Watch
} from '../files/open-image.ts'
import { readRoots } from '../identity/roots.ts'
import type { LedgerAccess } from '../submit/ledger-access.ts'
import { isDamagedBundle } from './damaged.ts'
import { checkLedger } from './ledger-check.ts'

/** How a file is verified. */
export interface VerifyOptions extends Watch {
  /** Files with root certificates (PEM) that you trust. Roots are never taken from the image. */
  readonly trust?: readonly string[]
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

const receiptCheck = ({ bundle }: ReadBundle): Check =>
  notChecked(
    'receipt',
    bundle.receipts.length === 0 ? 'the bundle holds no receipt' : 'receipts are not read by this version'
  )

const verifyRead = async (
  opened: OpenImage,
  found: FileBundle,
  read: ReadBundle,
  options: VerifyOptions,
  roots: readonly Certificate[]
): Promise<VerifyReport> => {
  const images = await manifestImages(opened, options)
  const signature = await checkSignatures(read, roots)
  const checks: readonly Check[] = [
    checkPixels(read, images),
    await checkManifest(read, async at => {
      const bytes = await opened.image.bytesAt(at)()
      return isLeft(bytes) ? undefined : bytes.right
    }),
    checkRedaction(read),
    signature.check,
    options.ledger === undefined
      ? notChecked('ledger', 'no network was given (--network)')
      : await checkLedger(read, options.ledger),
    receiptCheck(read)
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
    ...verdictOf(checks, expect, signature.signedUnderRoot)
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
  const roots = await readRoots(options.trust ?? [])
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
    return verifyRead(opened, found, read.right, options, roots)
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
