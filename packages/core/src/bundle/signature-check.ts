import * as E from 'fp-ts/lib/Either.js'
import type { ReadBundle, Signature } from './bundle.ts'
import type { Certificate } from './certificate.ts'
import type { SealedRecord } from './record.ts'
import { verifySignature } from './signature.ts'
import { newCheck, type Check } from './verdict.ts'

/** What the signatures of a bundle come to. */
export interface SignatureCheck {
  readonly check: Check
  /** The manifest's signature leads to a given root. */
  readonly signedUnderRoot: boolean
}

/** One signature looked at. */
interface Finding {
  readonly words: string
  /** It does not match what it is over. */
  readonly wrong?: boolean
  /** Its chain leads to a given root. */
  readonly underRoot?: boolean
  /** It is over the manifest. */
  readonly onManifest?: boolean
}

const look = async (
  signature: Signature,
  sealed: SealedRecord,
  roots: readonly Certificate[],
  onManifest: boolean
): Promise<Finding> => {
  const plain = await verifySignature(signature, sealed, [])()
  if (E.isLeft(plain)) return { words: plain.left.what, wrong: true }
  const what = `${onManifest ? '' : `the ${sealed.kind} ${sealed.id} is `}signed by ${plain.right.signer}`
  if (roots.length === 0) return { words: what, onManifest }
  const under = await verifySignature(signature, sealed, roots)()
  return E.isLeft(under)
    ? { words: `${what}, under no given root: ${under.left.what}`, onManifest }
    : { words: `${what} under ${under.right.root ?? ''}`, underRoot: true, onManifest }
}

const lookAtAll = async (read: ReadBundle, roots: readonly Certificate[]): Promise<readonly Finding[]> => {
  const whole = new Map([read.manifest, ...read.records].map(record => [record.id, record]))
  const byId = new Set(read.bundle.records.filter(record => typeof record === 'string'))
  const findings: Finding[] = []
  for (const signature of read.bundle.signatures) {
    const sealed = whole.get(signature.over)
    if (sealed !== undefined) findings.push(await look(signature, sealed, roots, sealed === read.manifest))
    else if (byId.has(signature.over))
      findings.push({ words: `the record ${signature.over} is not here, so that its signature was not looked at` })
    else findings.push({ words: `a signature is over ${signature.over}, which is not in the bundle`, wrong: true })
  }
  return findings
}

/**
 * Verifies all signatures of a bundle against the roots that the verifier brings (none: the mathematics only).
 * It fails where any signature does not match what it is over, and where none over the manifest leads to a given
 * root; that one over another record, or a further one over the manifest, leads to none is told in `why`.
 */
export const checkSignatures = async (read: ReadBundle, roots: readonly Certificate[]): Promise<SignatureCheck> => {
  const no = (status: Check['status'], why: string): SignatureCheck => ({
    check: newCheck('signature', status, why),
    signedUnderRoot: false
  })
  if (!read.bundle.signatures.some(signature => signature.over === read.manifest.id)) {
    return read.bundle.signatures.length > 0
      ? no(
          'fail',
          `no signature is over the manifest ${read.manifest.id}: it was changed after signing, or only records were signed`
        )
      : no('not-checked', 'nobody has signed the manifest')
  }
  const findings = await lookAtAll(read, roots)
  const wrong = findings.find(finding => finding.wrong === true)
  if (wrong !== undefined) return no('fail', wrong.words)
  const ordered = [
    ...findings.filter(finding => finding.onManifest),
    ...findings.filter(finding => finding.onManifest !== true)
  ]
  const why = ordered.map(finding => finding.words).join('; ')
  if (roots.length === 0) return no('not-checked', `${why}, but no root was given to trust (--trust)`)
  return findings.some(finding => finding.onManifest === true && finding.underRoot === true)
    ? { check: newCheck('signature', 'pass', why), signedUnderRoot: true }
    : no('fail', why)
}
