import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'
import { attachmentDigest, isSpilled, type Attachment } from '../json/attachment.ts'
import { fromBase64 } from '../json/bytes.ts'
import { checkOpening } from '../json/withheld.ts'
import type { Macro, Step } from '../macro/macro.ts'
import { RedactionTreeCodec, StepsCodec } from '../macro/macro-codec.ts'
import { verifyRedaction } from '../macro/redaction.ts'
import type { BundledAttachment, ReadBundle } from './bundle.ts'
import type { Certificate } from './certificate.ts'
import { ManifestImagesCodec, type Manifest, type ManifestImage } from './manifest.ts'
import type { SealedRecord } from './record.ts'
import { verifySignature } from './signature.ts'
import { attachmentBytes, unspill } from './spill.ts'
import type { Check, CheckName } from './verdict.ts'

const check = (name: CheckName, status: Check['status'], why: string): Check => ({ name, status, why })

/** The manifest of a read bundle. */
export const manifestOf = ({ bundle }: ReadBundle): Manifest => bundle.manifest

/**
 * The macro of a read bundle: the one that the manifest names or, so that a changed one is looked at too, the only
 * one that is there.
 */
export const macroOf = ({ bundle, records }: ReadBundle): SealedRecord<'macro'> | undefined => {
  const macros = records.filter((record): record is SealedRecord<'macro'> => record.kind === 'macro')
  return macros.find(macro => macro.id === bundle.manifest.macro) ?? (macros.length === 1 ? macros[0] : undefined)
}

const compareImage = (recorded: ManifestImage, found: ManifestImage | undefined): string | undefined => {
  if (found === undefined) return `image ${recorded.name} of the manifest is not in the file`
  if (recorded.digest === found.digest) return undefined
  const form = (image: ManifestImage): string => `${image.dtype} ${image.axes.map((axis, i) => `${axis}=${image.shape[i] ?? '?'}`).join(' ')}`
  return form(recorded) === form(found)
    ? `the pixels of image ${recorded.name} are not those that were saved (recorded ${recorded.digest}, found ${found.digest})`
    : `image ${recorded.name} was ${form(recorded)} when saved and is ${form(found)} now`
}

/** Compares the images that a manifest records with those found in the file. */
export const checkPixels = (read: ReadBundle, found: readonly ManifestImage[]): Check => {
  const images = unspill(read.bundle.manifest.images, ManifestImagesCodec, read.bundle.attachments)
  if (E.isLeft(images)) return check('pixels', 'fail', images.left.what)
  const byName = new Map(found.map(image => [image.name, image]))
  const recorded = new Set(images.right.map(image => image.name))
  const problems = [
    ...images.right.flatMap(image => compareImage(image, byName.get(image.name)) ?? []),
    ...found.filter(image => !recorded.has(image.name)).map(image => `image ${image.name} of the file is not in the manifest`)
  ]
  return problems.length === 0
    ? check('pixels', 'pass', `${images.right.length === 1 ? 'the image has' : `all ${images.right.length} images have`} the pixels that were saved`)
    : check('pixels', 'fail', problems.join('; '))
}

/** Bytes that stand in the image file, by address; undefined where there are none. */
export type BytesInFile = (at: string) => Promise<Uint8Array | undefined>

const attachmentsOf = (record: SealedRecord): readonly Attachment[] => {
  const found: Attachment[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (typeof node !== 'object' || node === null) return
    if ('mediaType' in node && 'digest' in node && 'size' in node) found.push(node as Attachment)
    else Object.values(node).forEach(visit)
  }
  visit(record.record)
  return found
}

const saltOf = (attachment: Attachment, bundled: readonly BundledAttachment[]): Uint8Array | undefined => {
  const entry = bundled.find(candidate => candidate.digest === attachment.digest)
  return entry === undefined ? undefined : fromBase64(entry.salt)
}

const checkAttachment = async (attachment: Attachment, bundled: readonly BundledAttachment[], inFile: BytesInFile): Promise<string | undefined> => {
  const salt = saltOf(attachment, bundled)
  // An attachment whose salt stays with its owner cannot be checked and is no contradiction.
  if (salt === undefined) return undefined
  if (attachment.at === undefined) {
    const bytes = attachmentBytes(attachment, bundled)
    return E.isLeft(bytes) ? bytes.left.what : undefined
  }
  const bytes = await inFile(attachment.at)
  if (bytes === undefined) return `${attachment.name} should stand at ${attachment.at} of the file and does not`
  return attachmentDigest(salt, bytes) === attachment.digest ? undefined : `${attachment.name} at ${attachment.at} was changed`
}

const macroProblems = (read: ReadBundle): readonly string[] => {
  const { manifest } = read.bundle
  const macro = macroOf(read)
  if (manifest.macro === undefined) return macro === undefined ? [] : ['the bundle holds a macro that its manifest does not name']
  if (macro === undefined) return [`the macro ${manifest.macro} is not in the bundle`]
  if (macro.id !== manifest.macro) return [`the macro in the bundle is ${macro.id}; the manifest names ${manifest.macro}: it was changed or exchanged`]
  const images = unspill(manifest.images, ManifestImagesCodec, read.bundle.attachments)
  const digests = new Set(E.isLeft(images) ? [] : images.right.map(image => image.digest))
  const outputs = macro.record.outputs.flatMap(output => output.digest ?? [])
  return outputs.length === 0 || outputs.some(digest => digests.has(digest)) ? [] : ['no output of the macro is an image of this manifest']
}

const acquisitionProblems = ({ bundle, records }: ReadBundle): readonly string[] => {
  const known = new Set([...records.map(record => record.id), ...bundle.records.filter(record => typeof record === 'string')])
  return bundle.manifest.acquisitions.filter(id => !known.has(id)).map(id => `the acquisition ${id} is not in the bundle`)
}

/** Checks that manifest, records, openings and attachments belong together and to the bytes in the file. */
export const checkManifest = async (read: ReadBundle, inFile: BytesInFile): Promise<Check> => {
  const { attachments, openings } = read.bundle
  const wrongOpenings = openings.flatMap(opening => {
    const checked = checkOpening(opening)
    return E.isLeft(checked) ? [checked.left.what] : []
  })
  const wrongAttachments: string[] = []
  for (const record of [read.manifest, ...read.records]) {
    for (const attachment of attachmentsOf(record)) {
      const problem = await checkAttachment(attachment, attachments, inFile)
      if (problem !== undefined) wrongAttachments.push(problem)
    }
  }
  const problems = [...macroProblems(read), ...acquisitionProblems(read), ...wrongOpenings, ...wrongAttachments]
  return problems.length === 0
    ? check('manifest', 'pass', `the manifest ${read.manifest.id} and the ${read.records.length} records of the bundle belong together`)
    : check('manifest', 'fail', problems.join('; '))
}

const proofWords = (macro: Macro): string => {
  const { proof } = macro.redaction
  return proof.kind === 'replayed'
    ? `when saved, the kept steps and the full log were replayed (${proof.executor}) to the same pixels`
    : `that the removed steps did not matter is known from the rules ${proof.rules} only, not from a replay`
}

/** Checks that the kept steps stand unchanged in the log to which the macro commits, and that its digests agree. */
export const checkRedaction = (read: ReadBundle): Check => {
  const macro = macroOf(read)
  if (macro === undefined) {
    return read.bundle.manifest.macro === undefined
      ? check('redaction', 'not-checked', 'the file has no macro')
      : check('redaction', 'fail', 'the macro is not in the bundle')
  }
  const { attachments } = read.bundle
  const { head, outputs, redaction, steps } = macro.record
  const tree = unspill(redaction.tree, RedactionTreeCodec, attachments)
  if (E.isLeft(tree)) return check('redaction', 'fail', tree.left.what)
  const kept = unspill(steps, StepsCodec, attachments)
  if (E.isLeft(kept)) return check('redaction', 'fail', kept.left.what)
  const result = verifyRedaction(head, tree.right, kept.right)
  if (E.isLeft(result)) return check('redaction', 'fail', result.left.what)
  const { proof } = redaction
  if (proof.kind === 'replayed' && !outputs.some(output => output.digest === proof.digest)) {
    return check('redaction', 'fail', 'the digest of the replay is not that of an output')
  }
  return check('redaction', 'pass', `${kept.right.length} of ${head.size} steps are kept and stand in the log with root ${head.root.slice(0, 16)}…; ${proofWords(macro.record)}`)
}

/** What the signatures of a bundle come to. */
export interface SignatureCheck {
  readonly check: Check
  /** The manifest's signature leads to a given root. */
  readonly signedUnderRoot: boolean
}

const sealedById = (read: ReadBundle): ReadonlyMap<string, SealedRecord> =>
  new Map([read.manifest, ...read.records].map(record => [record.id, record]))

/** Verifies all signatures of a bundle against the roots that the verifier brings (none: the mathematics only). */
export const checkSignatures = async (read: ReadBundle, roots: readonly Certificate[]): Promise<SignatureCheck> => {
  const { signatures } = read.bundle
  const no = (status: Check['status'], why: string): SignatureCheck => ({ check: check('signature', status, why), signedUnderRoot: false })
  if (!signatures.some(signature => signature.over === read.manifest.id)) {
    return signatures.length > 0
      ? no('fail', `no signature is over the manifest ${read.manifest.id}: it was changed after signing, or only records were signed`)
      : no('not-checked', 'nobody has signed the manifest')
  }
  const records = sealedById(read)
  const words: string[] = []
  for (const signature of signatures) {
    const sealed = records.get(signature.over)
    if (sealed === undefined) {
      if (read.bundle.records.includes(signature.over)) continue
      return no('fail', `a signature is over ${signature.over}, which is not in the bundle`)
    }
    const verified = await verifySignature(signature, sealed, roots)()
    if (E.isLeft(verified)) return no('fail', verified.left.what)
    if (sealed.id === read.manifest.id) words.push(`signed by ${verified.right.signer}${verified.right.root === undefined ? '' : ` under ${verified.right.root}`}`)
  }
  return roots.length === 0
    ? no('not-checked', `${words.join('; ')}, but no root was given to trust (--trust)`)
    : { check: check('signature', 'pass', words.join('; ')), signedUnderRoot: true }
}

/** Steps of a macro, wherever they stand. Fails as {@link unspill}; with `no-macro` where there is none. */
export const stepsOf = (read: ReadBundle): E.Either<BimsError, readonly Step[]> => {
  const macro = macroOf(read)
  return macro === undefined
    ? E.left(newError('no-macro', 'The file carries no macro.', 'Only files that were saved with a log can be replayed.'))
    : isSpilled(macro.record.steps) ? unspill(macro.record.steps, StepsCodec, read.bundle.attachments) : E.right(macro.record.steps)
}
