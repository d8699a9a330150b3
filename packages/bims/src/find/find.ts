import {
  ledgerKinds,
  newError,
  parseJson,
  recordBounds,
  type JsonValue,
  type LedgerKind,
  type LineageAnswer,
  type LineageDirection
} from '@bims/core'
import type { Finding, FindQuery, Ledger } from '@bims/ledger'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { manifestImages, withImage, type Watch } from '../files/open-image.ts'
import type { IdentityOptions } from '../identity/identity.ts'
import { promised, value } from '../promise.ts'
import { ledgerOf, type LedgerAccess } from '../submit/ledger-access.ts'
import type { FindReport, FoundOnLedger } from './found.ts'
import { openOutput, type FindOutput } from './output.ts'
import { restrictedFindings, type RestrictedQuery } from './restricted.ts'

export type { FindReport, FoundOnLedger } from './found.ts'

/** What is looked for on the ledger. Without any of it: everything that one may read. */
export interface FindOptions extends IdentityOptions, Watch {
  /** Id of a record. */
  readonly id?: string
  /** Content key or digest of an image, or a file: manifests of files that hold it. */
  readonly image?: string
  /** Content key of an image, id of a manifest, or a file: manifests of what was made from it. */
  readonly source?: string
  /** Id of a record: those that name it. */
  readonly reference?: string
  /** Id of an instrument: its acquisitions. */
  readonly instrument?: string
  readonly kind?: string
  /** Organisation that submitted, by name or mspId. */
  readonly owner?: string
  /** Not before this time (RFC 3339). */
  readonly from?: string
  /** Before this time. */
  readonly to?: string
  /** With id, image or source: what it was made from, or what was made from it. */
  readonly lineage?: LineageDirection
  /** Steps of the lineage; 16 where it is not given. */
  readonly depth?: number
  /** Restricted records that one may read: those of one's own organisation, and what others shared with it. */
  readonly restricted?: boolean
  /** A folder, for a file a record; or a file that ends with .ndjson, for a line a record. Nothing is overwritten. */
  readonly output?: string
}

const isName = (text: string): boolean =>
  /^(?:[0-9a-f]{64}|bims-(?:pixels|coded)-1:[0-9a-f]{64}|sha256:[0-9a-f]{64})$/.test(text)

/** Content keys of the images in a file, or the name itself where it is one. */
const namesOf = async (text: string, watch: Watch): Promise<readonly string[]> =>
  isName(text)
    ? [text]
    : withImage(text, async opened => [...new Set((await manifestImages(opened, watch)).map(({ content }) => content))])

const kindOf = (text: string): LedgerKind => {
  const kind = ledgerKinds.find(one => one === text)
  if (kind === undefined)
    throw newError('usage', `"${text}" is no kind of record.`, `Kinds are ${ledgerKinds.join(', ')}.`)
  return kind
}

const ownersOf = ({ profile }: LedgerAccess, named: string | undefined): readonly string[] => {
  const owners = profile.organizations
    .filter(({ name, mspId }) => named === undefined || named === name || named === mspId)
    .map(({ mspId }) => mspId)
  return owners.length === 0 && named !== undefined ? [named] : owners
}

/** By kind, owner and time: one question for each kind and organisation that may be meant. */
const listings = (access: LedgerAccess, { kind, owner, from, to }: FindOptions): readonly FindQuery[] => {
  const kinds = kind === undefined ? ledgerKinds : [kindOf(kind)]
  const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  return ownersOf(access, owner).flatMap(mspId => kinds.map(one => ({ kind: one, owner: mspId, ...window })))
}

const queriesOf = async (access: LedgerAccess, options: FindOptions): Promise<readonly FindQuery[]> => {
  const { image, source, reference, instrument } = options
  if (image !== undefined) return (await namesOf(image, options)).map(name => ({ image: name }))
  if (source !== undefined) return (await namesOf(source, options)).map(name => ({ source: name }))
  if (reference !== undefined) return [{ reference }]
  return instrument !== undefined ? [{ instrument }] : listings(access, options)
}

const recordOf = (bytes: Uint8Array): JsonValue => value(parseJson(bytes, recordBounds))

const roles = ['image', 'source', 'reference', 'instrument'] as const

const restrictedQuery = async (access: LedgerAccess, options: FindOptions): Promise<RestrictedQuery> => {
  const { from, kind, owner, to } = options
  const role = roles.find(one => options[one] !== undefined)
  const text = role === undefined ? undefined : options[role]
  return {
    owners: ownersOf(access, owner),
    ...(kind === undefined ? {} : { kind: kindOf(kind) }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(role === undefined || text === undefined
      ? {}
      : { names: { role, texts: new Set(await namesOf(text, options)) } })
  }
}

const stopWhereAsked = ({ signal }: FindOptions): void => {
  if (signal?.aborted === true) throw newError('interrupted', 'The search was stopped.', 'Start it again.')
}

async function* found(ledger: Ledger, access: LedgerAccess, options: FindOptions): AsyncGenerator<Finding, void> {
  const restricted = { restricted: options.restricted === true }
  if (options.id !== undefined) {
    const { submissions, ...record } = await promised(ledger.read(options.id, restricted))
    for (const submission of submissions) yield { ...record, submission }
    return
  }
  if (restricted.restricted) {
    for await (const finding of restrictedFindings(ledger, await restrictedQuery(access, options))) {
      stopWhereAsked(options)
      yield finding
    }
    return
  }
  for (const query of await queriesOf(access, options)) {
    for await (const finding of ledger.find(query)) {
      stopWhereAsked(options)
      yield value(finding)
    }
  }
}

const lineageOf = async (ledger: Ledger, options: FindOptions): Promise<LineageAnswer | undefined> => {
  const { lineage: direction, depth = 16 } = options
  if (direction === undefined) return undefined
  const start = options.id ?? options.image ?? options.source
  if (start === undefined)
    throw newError('usage', 'A lineage begins with an image.', 'Give --id, --image or --source too.')
  const [name = ''] = await namesOf(start, options)
  const at = name.startsWith('sha256:') ? { id: name } : { image: name }
  return promised(ledger.lineage({ ...at, direction, depth }))
}

const collect = async (
  findings: AsyncIterable<Finding>,
  output: FindOutput | undefined,
  { onProgress }: Watch
): Promise<readonly FoundOnLedger[]> => {
  const records: FoundOnLedger[] = []
  for await (const { id, kind, schema, bytes, submission } of findings) {
    const one = { id, kind, schema, ...submission }
    if (output === undefined) records.push({ ...one, record: recordOf(bytes) })
    else {
      await output.write(one, bytes)
      records.push(one)
    }
    if (records.length % 100 === 0) onProgress?.(`${records.length} records found`)
  }
  return records
}

/**
 * Looks records up on the ledger: by id, by the pixels of an image, by what an image was made from, by instrument, kind, owner and time;
 * or all that one may read. What a peer answers is checked against its id.
 * Rejects with `ledger-not-found` (an id), `ledger-unreachable`, `identity-missing`, `file-exists` (the output), `usage`.
 *
 * @example
 * ```ts
 * import { find } from 'bims'
 *
 * const { records } = await find({ image: 'figure-without-metadata.tif', network: './lab' })
 * for (const { id, enrollmentId, time } of records) console.log(id, enrollmentId, time)
 * ```
 */
export const find = async (options: FindOptions = {}): Promise<FindReport> => {
  const access = await ledgerOf(options)
  try {
    const ledger = await access.open()
    const lineage = await lineageOf(ledger, options)
    const output = options.output === undefined ? undefined : await openOutput(options.output)
    try {
      const records =
        lineage === undefined
          ? await collect(found(ledger, access, options), output, options)
          : await nodes(ledger, lineage, output, options)
      return {
        records,
        ...(lineage === undefined ? {} : { lineage }),
        ...(options.output === undefined ? {} : { output: options.output })
      }
    } finally {
      await output?.close()
    }
  } finally {
    await access.close()
  }
}

async function* standing(ledger: Ledger, { nodes: images }: LineageAnswer): AsyncGenerator<Finding, void> {
  for (const { image, standing: stands } of images) {
    if (!stands || !image.startsWith('sha256:')) continue
    const read = await ledger.read(image)()
    if (isLeft(read) && read.left.code !== 'ledger-not-found') throw read.left
    if (!isRight(read)) continue
    const { submissions, ...record } = read.right
    for (const submission of submissions) yield { ...record, submission }
  }
}

const nodes = (
  ledger: Ledger,
  lineage: LineageAnswer,
  output: FindOutput | undefined,
  watch: Watch
): Promise<readonly FoundOnLedger[]> => collect(standing(ledger, lineage), output, watch)
