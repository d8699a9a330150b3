import {
  newBundle,
  newError,
  parseRecord,
  signRecord,
  toBase64,
  toJson,
  type BimsError,
  type BundledAttachment,
  type Manifest,
  type ManifestImage,
  type SealedRecord
} from '@bims/core'
import type { Finding, Ledger, StandingRecord } from '@bims/ledger'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { findBundle, manifestImages, withImage, type OpenImage, type Watch } from '../files/open-image.ts'
import { identityOf, type IdentityOptions } from '../identity/identity.ts'
import { promised, value } from '../promise.ts'
import { writeBundle, type Target, type Written } from '../save/write-file.ts'
import { restrictedFindings } from '../find/restricted.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'
import { namedAttachments, namedWithin } from './named-attachments.ts'

/** How the history of a file is restored. */
export interface RestoreOptions extends IdentityOptions, Watch {
  /** A new file; the bundle is embedded in the file itself where it is not given. */
  readonly to?: string
}

/** What was restored, and what was not. */
export interface RestoreReport extends Written {
  /** Id of the manifest that was found by the pixels. */
  readonly manifest: string
  /** Ids of the records that were fetched. */
  readonly records: readonly string[]
  readonly attachments: readonly string[]
  /** Subject of the certificate of whoever restored; absent where nobody signed. */
  readonly signedBy?: string
  /** What could not be restored, in words. */
  readonly missing: readonly string[]
}

const imagesOf = ({ images }: Manifest): readonly ManifestImage[] => ('attachment' in images ? [] : images)

interface Candidate {
  readonly manifest: SealedRecord<'image'>
  /** Images of the file that the manifest lists. */
  readonly covered: number
  readonly time: string
}

const isManifest = (record: SealedRecord): record is SealedRecord<'image'> => record.kind === 'image'

const candidateOf = (found: Finding, contents: ReadonlySet<string>): readonly Candidate[] => {
  const manifest = value(parseRecord(found.bytes))
  if (!isManifest(manifest)) return []
  const covered = imagesOf(manifest.record).filter(({ content }) => contents.has(content)).length
  return [{ manifest, covered, time: found.submission.time ?? '' }]
}

/** The best of the manifests that were found, of which no submission was withdrawn. */
const bestOf = async (
  ledger: Ledger,
  findings: AsyncIterable<Finding>,
  contents: ReadonlySet<string>,
  restricted: boolean
): Promise<SealedRecord<'image'> | undefined> => {
  const candidates = new Map<string, Candidate>()
  for await (const found of findings)
    for (const one of candidateOf(found, contents)) candidates.set(one.manifest.id, one)
  const best = [...candidates.values()].sort((a, b) => b.covered - a.covered || (a.time < b.time ? 1 : -1))
  for (const { manifest } of best) {
    const { marks } = await promised(ledger.read(manifest.id, { restricted }))
    if (!marks.some(({ kind }) => kind === 'withdraw')) return manifest
  }
  return undefined
}

async function* publicManifests(ledger: Ledger, contents: ReadonlySet<string>): AsyncGenerator<Finding, void> {
  for (const content of contents) for await (const found of ledger.find({ image: content })) yield value(found)
}

/** The manifest that covers most of the file, of several the newest that was not withdrawn; a public one before a restricted one. */
const manifestOf = async (
  ledger: Ledger,
  { profile }: LedgerAccess,
  images: readonly ManifestImage[]
): Promise<SealedRecord<'image'>> => {
  const contents = new Set(images.map(({ content }) => content))
  const owners = profile.organizations.map(({ mspId }) => mspId)
  const restricted = restrictedFindings(ledger, { owners, kind: 'image', names: { role: 'image', texts: contents } })
  const manifest =
    (await bestOf(ledger, publicManifests(ledger, contents), contents, false)) ??
    (await bestOf(ledger, restricted, contents, true))
  if (manifest !== undefined) return manifest
  throw newError(
    'ledger-not-found',
    'The ledger holds no manifest of an image with these pixels that still stands.',
    'Perhaps the pixels were changed since, or the records are restricted to another organisation, or stand on another ledger.'
  )
}

interface Fetched {
  readonly records: readonly SealedRecord[]
  readonly missing: readonly string[]
}

const idsNamed = ({ record }: SealedRecord): readonly string[] =>
  'instrument' in record && typeof record.instrument === 'string' ? [record.instrument] : []

const readAnywhere = async (ledger: Ledger, id: string): Promise<Either<BimsError, StandingRecord>> => {
  const standing = await ledger.read(id)()
  return isLeft(standing) && standing.left.code === 'ledger-not-found'
    ? ledger.read(id, { restricted: true })()
    : standing
}

/** Fetches records, public or restricted ones, and those that they name in turn. */
const fetchAll = async (ledger: Ledger, ids: readonly string[]): Promise<Fetched> => {
  const records: SealedRecord[] = []
  const missing: string[] = []
  const queue = [...new Set(ids)]
  for (const id of queue) {
    const standing = await readAnywhere(ledger, id)
    if (isLeft(standing)) {
      if (standing.left.code !== 'ledger-not-found' && standing.left.code !== 'role-refused') throw standing.left
      missing.push(`the record ${id} does not stand on the ledger, or you may not read it`)
      continue
    }
    const record = value(parseRecord(standing.right.bytes))
    records.push(record)
    for (const named of idsNamed(record)) if (!queue.includes(named)) queue.push(named)
  }
  return { records, missing }
}

const attachmentsOf = async (
  ledger: Ledger,
  records: readonly SealedRecord[]
): Promise<{ readonly attachments: readonly BundledAttachment[]; readonly missing: readonly string[] }> => {
  const named = new Map(records.flatMap(({ record }) => namedAttachments(toJson(record))).map(one => [one.digest, one]))
  const attachments: BundledAttachment[] = []
  const missing: string[] = []
  // What is named within an attachment is visited too: a map goes on with what is added meanwhile.
  for (const [digest, { mediaType, name }] of named) {
    const kept = await ledger.attachment(digest)()
    if (isLeft(kept)) missing.push(`the attachment ${name} (${digest}): ${kept.left.what}`)
    else {
      attachments.push({ digest, salt: toBase64(kept.right.salt), bytes: toBase64(kept.right.bytes) })
      for (const one of namedWithin({ ...kept.right, mediaType })) named.set(one.digest, one)
    }
  }
  return { attachments, missing }
}

const differing = (images: readonly ManifestImage[], manifest: Manifest): readonly string[] => {
  const digests = new Set(imagesOf(manifest).map(({ digest }) => digest))
  return images
    .filter(({ digest }) => !digests.has(digest))
    .map(({ name }) => `the image ${name} has its pixels in another order than the manifest lists, or is not listed`)
}

const refuseBundle = async (opened: OpenImage): Promise<void> => {
  if ((await findBundle(opened)) !== undefined)
    throw newError(
      'file-exists',
      `${opened.path} carries its history already.`,
      'Take it out first with `bims strip` where it is to be replaced.'
    )
}

const restoreIn = async (
  opened: OpenImage,
  ledger: Ledger,
  access: LedgerAccess,
  options: RestoreOptions
): Promise<RestoreReport> => {
  await refuseBundle(opened)
  const images = await manifestImages(opened, options)
  options.onProgress?.('asking the ledger')
  const manifest = await manifestOf(ledger, access, images)
  const { acquisitions, macro } = manifest.record
  const fetched = await fetchAll(ledger, [...acquisitions, ...(macro === undefined ? [] : [macro])])
  const kept = await attachmentsOf(ledger, [manifest, ...fetched.records])
  const identity = await identityOf(options)
  const signatures = identity === undefined ? [] : [await promised(signRecord(manifest, identity.signer))]
  const { records } = fetched
  const bundle = newBundle({ manifest, records, attachments: kept.attachments, openings: [], signatures })
  const target: Target = options.to === undefined ? { inPlace: true } : { to: options.to }
  const written = await writeBundle(opened, target, bundle, options)
  return {
    ...written,
    manifest: manifest.id,
    records: records.map(({ id }) => id),
    attachments: kept.attachments.map(({ digest }) => digest),
    ...(identity === undefined ? {} : { signedBy: identity.subject }),
    missing: [
      ...differing(images, manifest.record),
      ...fetched.missing,
      ...kept.missing,
      'the signatures of whoever saved it and of its instrument: they were in the lost bundle alone',
      'what opens withheld values: it was in the lost bundle alone'
    ]
  }
}

/**
 * Gives a file whose history was lost its history back: finds the manifest on the ledger by the pixels, fetches the records that it names
 * and the attachments that the ledger keeps, and embeds a bundle again, signed by whoever restores.
 * A restricted history is restored where one's organisation has it. Rejects with `ledger-not-found` where no image has these pixels, `file-exists` where the file has a history already,
 * `ledger-unreachable`, `disk-full`, `file-permission`.
 *
 * @example
 * ```ts
 * import { restore } from 'bims'
 *
 * const { manifest, missing } = await restore('from-a-mail.tif', { network: './lab', to: 'with-history.tif' })
 * console.log(manifest, missing)
 * ```
 */
export const restore = async (file: string, options: RestoreOptions = {}): Promise<RestoreReport> => {
  const access = await ledgerOf(options)
  try {
    const ledger = await access.open()
    return await withImage(file, opened => restoreIn(opened, ledger, access, options))
  } finally {
    await access.close()
  }
}
