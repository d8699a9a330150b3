/**
 * Writes docs/spec/bundle-annotated.md from the frozen bundle: `node packages/core/test/vectors/annotate.ts`.
 * A test compares the page with what this makes, so that it stays true.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { idOf, parseBundle, type JsonValue } from '@bims/core'
import { right } from '../fixtures/either.ts'
import { specPath } from './files.ts'

/** What each line says; `*` stands for a place in a list. */
const notes: Readonly<Record<string, string>> = {
  attachments: 'bytes that records name by digest, here or already in the image file',
  'attachments.*': 'one attachment; which record names it, its digest tells',
  'attachments.*.bytes': 'the bytes, base64; absent where the record’s `at` says where they stand in the file',
  'attachments.*.digest': 'SHA-256(0x03 ‖ salt ‖ bytes)',
  'attachments.*.salt': '16 random bytes, so that nobody finds the bytes by guessing',
  manifest: 'the manifest: what stands in this file; its id is over exactly this object in canonical form',
  'manifest.acquisitions': 'ids of the acquisitions whose images these are or were made from',
  'manifest.acquisitions.*': 'the acquisition in `records`',
  'manifest.created': 'when it was saved, as the saver’s clock claims',
  'manifest.images': 'every image in the file',
  'manifest.images.*': 'the first (and only) image',
  'manifest.images.*.axes': 'axes in the order of digests, slowest first',
  'manifest.images.*.axes.*': 'an axis; those of length 1 but y and x are left out',
  'manifest.images.*.content': 'order-free key, for finding a file that lost its metadata',
  'manifest.images.*.digest': 'pixel digest: binds axes, shape, type and every sample',
  'manifest.images.*.dtype': 'element type as NumPy names it',
  'manifest.images.*.name': '<series>, or <series>/<level>',
  'manifest.images.*.role': 'data, level, label, thumbnail or mask',
  'manifest.images.*.series': '0-based, in file order',
  'manifest.images.*.shape': 'lengths of the axes',
  'manifest.images.*.shape.*': 'length of one axis',
  'manifest.macro': 'id of the macro that made the image; in `records`',
  'manifest.schema': 'schema and major version; a reader refuses majors that it does not know',
  'manifest.software': 'what wrote the file',
  'manifest.software.*': 'one program',
  'manifest.software.*.name': 'its name',
  'manifest.software.*.version': 'its version',
  'manifest.sources': 'images from which this one was made',
  'manifest.sources.*': 'one source',
  'manifest.sources.*.content': 'its content key, so that it can be recognised',
  'manifest.sources.*.name': 'its file name is personal, and so withheld:',
  'manifest.sources.*.name.$withheld': 'SHA-256(0x02 ‖ salt ‖ canonical value); `openings` opens it',
  openings: 'what opens withheld values; whoever passes the file on may leave it out',
  'openings.*': 'one opening',
  'openings.*.salt': '16 random bytes',
  'openings.*.value': 'the value that was withheld',
  'openings.*.withheld': 'the hash that it opens, wherever it stands',
  receipts: 'endorsements of the ledger’s peers; added later without touching signatures',
  records: 'records, sorted by id, each whole or only its id',
  'records.*': '',
  'records.*.acquiredAt': 'when the image was taken',
  'records.*.acquiredAt.local': 'as the instrument’s clock showed it',
  'records.*.acquiredAt.offset': 'offset from UTC, where it is known',
  'records.*.acquiredAt.source': 'who says so',
  'records.*.channels': 'one entry a channel',
  'records.*.channels.*': 'the first channel',
  'records.*.channels.*.modality': 'how it is made; decides which settings are applicable',
  'records.*.channels.*.name': 'its name',
  'records.*.channels.*.path': 'settings along its path, from the source over optics to digitisation',
  'records.*.channels.*.path.acme:dither': 'a setting outside of the model, under its vendor’s name',
  'records.*.channels.*.path.detector.exposure': 'a setting of which both are known:',
  'records.*.channels.*.path.detector.exposure.measured': 'what the instrument reported',
  'records.*.channels.*.path.detector.exposure.measured.unit': 'UCUM unit',
  'records.*.channels.*.path.detector.exposure.measured.value': 'number',
  'records.*.channels.*.path.detector.exposure.set': 'what was asked of it',
  'records.*.channels.*.path.detector.exposure.set.unit': 'UCUM unit',
  'records.*.channels.*.path.detector.exposure.set.value': 'number',
  'records.*.components': 'parts of the instrument',
  'records.*.components.*': 'one part',
  'records.*.components.*.id': 'the name by which settings refer to it',
  'records.*.components.*.kind': 'what it is',
  'records.*.components.*.maker': 'who made it',
  'records.*.components.*.model': 'its model',
  'records.*.components.*.properties': 'what does not change from image to image',
  'records.*.components.*.properties.objective.magnification': 'a plain number',
  'records.*.components.*.properties.objective.numericalAperture': 'a plain number',
  'records.*.environment': 'under what the log ran',
  'records.*.environment.device': 'where it was computed',
  'records.*.environment.libraries': 'library versions',
  'records.*.environment.libraries.numpy': 'version of this library',
  'records.*.environment.libraries.scikit-image': 'version of this library',
  'records.*.environment.seed': 'seed of random numbers',
  'records.*.environment.threads': 'number of threads',
  'records.*.head': 'the full log, of which this macro is a slice',
  'records.*.head.root': 'root of the RFC 6962 tree over all its steps',
  'records.*.head.session': 'which session it is',
  'records.*.head.size': 'how many steps it has',
  'records.*.host': 'the program whose log this is',
  'records.*.host.name': 'its name',
  'records.*.host.version': 'its version',
  'records.*.image': 'form of the acquired image',
  'records.*.image.axes': 'its axes, slowest first',
  'records.*.image.axes.*': 'an axis',
  'records.*.image.dtype': 'element type as NumPy names it',
  'records.*.image.pixelSize': 'physical distance of neighbouring pixels',
  'records.*.image.pixelSize.x': 'along x:',
  'records.*.image.pixelSize.x.unit': 'UCUM unit',
  'records.*.image.pixelSize.x.value': 'number',
  'records.*.image.pixelSize.y': 'along y:',
  'records.*.image.pixelSize.y.unit': 'UCUM unit',
  'records.*.image.pixelSize.y.value': 'number',
  'records.*.image.shape': 'lengths of the axes',
  'records.*.image.shape.*': 'length of one axis',
  'records.*.inputs': 'images that the log opens',
  'records.*.inputs.*': 'one input',
  'records.*.inputs.*.content': 'content key of what was recorded',
  'records.*.inputs.*.digest': 'pixel digest of what was recorded',
  'records.*.inputs.*.file': 'the file as the log names it, withheld:',
  'records.*.inputs.*.file.$withheld': 'the same hash as in `sources`: one opening opens both',
  'records.*.inputs.*.name': 'name in the log',
  'records.*.inputs.*.preconditions': 'what another input must be like for a replay to make sense',
  'records.*.inputs.*.preconditions.axes': 'these axes',
  'records.*.inputs.*.preconditions.axes.*': 'an axis',
  'records.*.inputs.*.preconditions.dtype': 'this element type',
  'records.*.inputs.*.preconditions.pixelSize': 'this pixel size',
  'records.*.inputs.*.preconditions.pixelSize.x': 'along x:',
  'records.*.inputs.*.preconditions.pixelSize.x.unit': 'unit',
  'records.*.inputs.*.preconditions.pixelSize.x.value': 'number',
  'records.*.inputs.*.preconditions.pixelSize.y': 'along y:',
  'records.*.inputs.*.preconditions.pixelSize.y.unit': 'unit',
  'records.*.inputs.*.preconditions.pixelSize.y.value': 'number',
  'records.*.inputs.*.value': 'its first version',
  'records.*.instrument': 'id of the instrument record',
  'records.*.language': 'language of the steps’ code',
  'records.*.maker': 'who made the instrument',
  'records.*.mapping': 'which native entry gave which value',
  'records.*.mapping.*': 'one entry:',
  'records.*.mapping.*.*': 'ordinal over all native entries, or JSON pointer in this record',
  'records.*.model': 'its model',
  'records.*.native': 'the native metadata, verbatim, in file order',
  'records.*.native.*': 'one native block',
  'records.*.native.*.attachment': 'where its bytes are',
  'records.*.native.*.attachment.at': 'they stand in the image file already: directory 0, tag 270',
  'records.*.native.*.attachment.digest': 'found under this digest in `attachments`',
  'records.*.native.*.attachment.mediaType': 'media type',
  'records.*.native.*.attachment.name': 'name',
  'records.*.native.*.attachment.size': 'length in bytes',
  'records.*.native.*.format': 'native format',
  'records.*.outputs': 'images that the log makes',
  'records.*.outputs.*': 'one output',
  'records.*.outputs.*.content': 'its content key',
  'records.*.outputs.*.digest': 'its pixel digest: that of an image of the manifest',
  'records.*.outputs.*.name': 'name in the log',
  'records.*.outputs.*.value': 'version that it is: the image of interest when it was saved',
  'records.*.redaction': 'how the kept steps stand in the full log',
  'records.*.redaction.proof': 'how it is known that the removed steps did not matter',
  'records.*.redaction.proof.kind': 'by rules over reads and writes; `replayed` if both logs were run',
  'records.*.redaction.proof.rules': 'which rules',
  'records.*.redaction.tree': 'covers the whole log, left to right',
  'records.*.redaction.tree.*': 'a kept step or a removed subtree:',
  'records.*.redaction.tree.*.count': 'how many steps were removed here',
  'records.*.redaction.tree.*.from': 'index of the first of them',
  'records.*.redaction.tree.*.hash': 'hash of their subtree',
  'records.*.redaction.tree.*.salt': 'leaf = SHA-256(0x00 ‖ salt ‖ canonical step)',
  'records.*.redaction.tree.*.step': 'index of a kept step',
  'records.*.schema': 'schema and major version',
  'records.*.serial': 'its serial number',
  'records.*.software': 'its acquisition software',
  'records.*.software.name': 'name',
  'records.*.software.version': 'version',
  'records.*.steps': 'the kept steps, in order',
  'records.*.steps.*': 'one step; its leaf is over this object in canonical form',
  'records.*.steps.*.code': 'the block’s code, verbatim',
  'records.*.steps.*.doc': 'what it does, for people',
  'records.*.steps.*.evidence': 'it ran and was recorded while it did',
  'records.*.steps.*.index': '0-based in the full log; survives redaction',
  'records.*.steps.*.operation': 'what was done',
  'records.*.steps.*.operation.id': 'qualified name, by which an executor finds it',
  'records.*.steps.*.operation.name': 'name for people',
  'records.*.steps.*.operation.tool': 'library',
  'records.*.steps.*.operation.version': 'its version',
  'records.*.steps.*.parameters': 'parameters in the order of the call',
  'records.*.steps.*.parameters.*': 'one parameter',
  'records.*.steps.*.parameters.*.doc': 'for people',
  'records.*.steps.*.parameters.*.name': 'name',
  'records.*.steps.*.parameters.*.origin': 'how it came to its value',
  'records.*.steps.*.parameters.*.type': 'type as the program spells it',
  'records.*.steps.*.parameters.*.unit': 'unit',
  'records.*.steps.*.parameters.*.value': 'value',
  'records.*.steps.*.reads': 'values that it reads',
  'records.*.steps.*.reads.*': 'one value',
  'records.*.steps.*.reads.*.arg': 'argument of the call',
  'records.*.steps.*.reads.*.value': 'versioned name: who wrote this version is kept as well',
  'records.*.steps.*.writes': 'values that it makes',
  'records.*.steps.*.writes.*': 'one value',
  'records.*.steps.*.writes.*.arg': '`return`, or the argument that it changes',
  'records.*.steps.*.writes.*.digest': 'pixel digest of what was computed',
  'records.*.steps.*.writes.*.value': 'a new version; no version is written twice',
  schema: 'schema and major version of the bundle',
  signatures: 'signatures over the manifest and over whole records',
  'signatures.*': 'one signature',
  'signatures.*.algorithm': 'the only one',
  'signatures.*.certificates': 'the signer’s chain, leaf first, without the root',
  'signatures.*.certificates.*': 'X.509, DER, base64',
  'signatures.*.over': 'id of what is signed',
  'signatures.*.signature': 'ECDSA over DSSE’s pre-authentication encoding; DER, low S, base64'
}

const kinds: Readonly<Record<string, string>> = {
  'bims.instrument/1': 'the instrument',
  'bims.acquisition/1': 'the acquisition',
  'bims.macro/1': 'the macro',
  'bims.manifest/1': 'a manifest'
}

const noteOf = (path: readonly string[], value: JsonValue): string => {
  const record =
    path.length === 2 &&
    path[0] === 'records' &&
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    typeof value.schema === 'string'
      ? kinds[value.schema]
      : undefined
  const note = record === undefined ? notes[path.join('.')] : `a record: ${record}`
  if (note === undefined) throw new Error(`no note for ${path.join('.')}`)
  return note
}

const short = (text: string): string => (text.length > 66 ? `${text.slice(0, 48)}…${text.slice(-6)}` : text)

const linesOf = (
  value: JsonValue,
  path: readonly string[],
  indent: string,
  label: string,
  tail: string
): readonly string[] => {
  const note = path.length === 0 ? '' : noteOf(path, value)
  const line = (text: string): string =>
    note === '' ? `${indent}${label}${text}` : `${`${indent}${label}${text}`.padEnd(70)}  // ${note}`
  if (typeof value !== 'object' || value === null)
    return [line(`${typeof value === 'string' ? JSON.stringify(short(value)) : String(value)}${tail}`)]
  const entries = Object.entries(value as Record<string, JsonValue>)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (entries.length === 0) return [line(`${open}${close}${tail}`)]
  const children = entries.flatMap(([name, child], i) =>
    linesOf(
      child,
      [...path, Array.isArray(value) ? '*' : name],
      `${indent}  `,
      Array.isArray(value) ? '' : `${JSON.stringify(name)}: `,
      i + 1 < entries.length ? ',' : ''
    )
  )
  return [line(open), ...children, `${indent}${close}${tail}`]
}

/** The page. */
export const annotatedBundle = (): string => {
  const bytes = new Uint8Array(readFileSync(specPath('vectors/example.bims.json')))
  const read = right(parseBundle(bytes))
  const ids = [...read.records, read.manifest].map(
    ({ bytes: own, kind }) => `| ${kind} | \`${idOf(own)}\` | ${own.length} |`
  )
  return `# A bundle, line by line

The bundle of \`vectors/example.bims.json\` (${bytes.length} bytes), as it would stand in tag 65519 of a TIFF file. There it
has no white space; here it has line breaks, long texts are shortened with …, and each line says what it is. Made by
\`packages/core/test/vectors/annotate.ts\` from the frozen file; a test keeps both equal.

A log of seven steps over an image \`raw\` was sliced for the image \`mask\`: steps 0, 3, 4 and 6 made it; 1 changed the
display only, 2 made another image, 5 was overwritten. The scientist signed the manifest, the instrument its acquisition.

| record | id | canonical bytes |
|---|---|---|
${ids.join('\n')}

\`\`\`jsonc
${linesOf(JSON.parse(new TextDecoder().decode(bytes)) as JsonValue, [], '', '', '').join('\n')}
\`\`\`

Checked from outside in: the bytes are their own canonical form; the manifest's digest is that of the file's pixels; the
manifest names acquisition and macro by ids that are SHA-256 of those records' canonical bytes; the acquisition names the
instrument and its native metadata; the redaction tree with the kept steps leads to \`head.root\`; the signature over the
manifest leads to a root that the reader brings (\`vectors/example-root.pem\`).
`
}

if (process.argv[1]?.endsWith('annotate.ts')) writeFileSync(specPath('bundle-annotated.md'), annotatedBundle())
