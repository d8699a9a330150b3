import * as E from 'fp-ts/lib/Either.js'
import { AttachmentCodec, type Attachment } from '../json/attachment.ts'
import { fromBase64 } from '../json/bytes.ts'
import { checkOpening } from '../json/withheld.ts'
import type { BundledAttachment, ReadBundle } from './bundle.ts'
import { ManifestImagesCodec } from './manifest.ts'
import type { RecordKind, SealedRecord } from './record.ts'
import { isAttachment, unspill } from './spill.ts'
import { newCheck, type Check } from './verdict.ts'
import { macroOf, stepsOf } from './verify.ts'

/** Bytes that stand in the image file, by address; undefined where there are none. */
export type BytesInFile = (at: string) => Promise<Uint8Array | undefined>

/** The records that a record names, with the kind that each must be of. */
const namedBy = ({ record }: SealedRecord): readonly { readonly kind: RecordKind; readonly id: string }[] => {
  const one = (kind: RecordKind, id: string | undefined) => (id === undefined ? [] : [{ kind, id }])
  if (record.schema === 'bims.acquisition/1') return one('instrument', record.instrument)
  if (record.schema !== 'bims.manifest/1') return []
  return [
    ...record.acquisitions.flatMap(id => one('acquisition', id)),
    ...one('macro', record.macro),
    ...record.sources.flatMap(source => one('image', source.manifest)),
    ...one('image', record.replayOf?.manifest)
  ]
}

/** Whether the records are those that the manifest names, or that are named by those. */
const recordProblems = ({ bundle, manifest, records }: ReadBundle): readonly string[] => {
  const whole = new Map(records.map(record => [record.id, record]))
  const byId = new Set(bundle.records.filter(record => typeof record === 'string'))
  const problems: string[] = []
  const reached = new Set<string>()
  const visit = (next: SealedRecord): void => {
    for (const { id, kind } of namedBy(next)) {
      const record = whole.get(id)
      // Instruments and manifests of sources may be had elsewhere; what this file was made by may not be left out.
      const needed = next === manifest && kind !== 'image'
      if (record === undefined && needed && !byId.has(id))
        problems.push(`the ${kind} ${id} is not in the bundle: it was changed, exchanged or taken out`)
      if (record === undefined || reached.has(id)) continue
      reached.add(id)
      if (record.kind !== kind) problems.push(`${id} is named as ${kind} and is of kind ${record.kind}`)
      waiting.push(record)
    }
  }
  const waiting: SealedRecord[] = [manifest]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) visit(next)
  const strangers = records.filter(
    record => !reached.has(record.id) && !(record.kind === 'instrument' && byId.size > 0)
  )
  return [
    ...problems,
    ...strangers.map(
      record => `nothing names the ${record.kind} ${record.id} that the bundle holds: it was changed or added`
    )
  ]
}

const outputProblems = (read: ReadBundle): readonly string[] => {
  const macro = macroOf(read)
  if (macro === undefined) return []
  const images = unspill(read.bundle.manifest.images, ManifestImagesCodec, read.bundle.attachments)
  const digests = new Set(E.isLeft(images) ? [] : images.right.map(image => image.digest))
  const outputs = macro.record.outputs.flatMap(output => output.digest ?? [])
  return outputs.length === 0 || outputs.some(digest => digests.has(digest))
    ? []
    : ['no output of the macro is an image of this manifest']
}

/** All attachments that the records name, those of steps that stand in an attachment among them. */
const attachmentsOf = (read: ReadBundle): readonly Attachment[] => {
  const found: Attachment[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (AttachmentCodec.is(node)) found.push(node)
    else Object.values(node).forEach(visit)
  }
  for (const { record } of [read.manifest, ...read.records]) visit(record)
  const steps = stepsOf(read)
  if (E.isRight(steps) && !Array.isArray(macroOf(read)?.record.steps)) visit(steps.right)
  return found
}

const attachmentProblem = async (
  attachment: Attachment,
  { bytes, salt }: BundledAttachment,
  inFile: BytesInFile
): Promise<string | undefined> => {
  const { at, name } = attachment
  // With bytes of its own the bundle was carried into another file: `at` says where they stood in the first one.
  if (bytes !== undefined)
    return isAttachment(attachment, salt, fromBase64(bytes) ?? new Uint8Array())
      ? undefined
      : `the bytes of ${name} do not match their digest`
  if (at === undefined) return `the bundle does not hold the bytes of ${name}`
  const there = await inFile(at)
  if (there === undefined) return `${name} should stand at ${at} of the file and does not`
  return isAttachment(attachment, salt, there) ? undefined : `${name} at ${at} was changed`
}

/** What is wrong with attachments, and how many stay with their owner, which is no contradiction. */
const checkAttachments = async (
  read: ReadBundle,
  inFile: BytesInFile
): Promise<{ readonly problems: readonly string[]; readonly absent: number }> => {
  const bundled = new Map(read.bundle.attachments.map(entry => [entry.digest, entry]))
  const problems: string[] =
    bundled.size < read.bundle.attachments.length ? ['the bundle holds an attachment twice'] : []
  const named = new Set<string>()
  let absent = 0
  for (const attachment of attachmentsOf(read)) {
    const entry = bundled.get(attachment.digest)
    const problem = entry === undefined ? undefined : await attachmentProblem(attachment, entry, inFile)
    if (problem !== undefined) problems.push(problem)
    if (entry === undefined) absent++
    named.add(attachment.digest)
  }
  // A record that is there by its id only may name attachments that are here.
  const strangers = read.bundle.records.some(record => typeof record === 'string')
    ? []
    : [...bundled.keys()].filter(digest => !named.has(digest))
  return {
    problems: [
      ...problems,
      ...strangers.map(digest => `no record names the attachment ${digest} that the bundle holds`)
    ],
    absent
  }
}

/** Checks that manifest, records, openings and attachments belong together and to the bytes in the file. */
export const checkManifest = async (read: ReadBundle, inFile: BytesInFile): Promise<Check> => {
  const openings = read.bundle.openings.flatMap(opening => {
    const checked = checkOpening(opening)
    return E.isLeft(checked) ? [checked.left.what] : []
  })
  const attachments = await checkAttachments(read, inFile)
  const problems = [...recordProblems(read), ...outputProblems(read), ...openings, ...attachments.problems]
  const absent =
    attachments.absent === 0 ? '' : `; ${attachments.absent} attachments are not here and were not looked at`
  return problems.length === 0
    ? newCheck(
        'manifest',
        'pass',
        `the manifest ${read.manifest.id} and the ${read.records.length} records of the bundle belong together${absent}`
      )
    : newCheck('manifest', 'fail', problems.slice(0, 20).join('; '))
}
