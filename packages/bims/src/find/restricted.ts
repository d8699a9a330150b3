import {
  decodeWith,
  ledgerKinds,
  namesOf,
  parseJson,
  recordBounds,
  ShareRecordCodec,
  type BimsError,
  type JsonValue,
  type LedgerKind,
  type NameRole,
  type ShareRecord
} from '@bims/core'
import type { Finding, Ledger } from '@bims/ledger'
import { flatMap, isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { value } from '../promise.ts'

/** Which restricted records are wanted. */
export interface RestrictedQuery {
  /** mspIds of who submitted or shared. */
  readonly owners: readonly string[]
  /** All where it is not given. */
  readonly kind?: LedgerKind
  readonly from?: string
  readonly to?: string
  /** Only records that name one of these so. */
  readonly names?: { readonly role: NameRole; readonly texts: ReadonlySet<string> }
}

/** Findings; none for an identity whose role may read nothing restricted. */
async function* allowed(findings: AsyncIterable<Either<BimsError, Finding>>): AsyncGenerator<Finding, void> {
  for await (const finding of findings) {
    if (isLeft(finding) && finding.left.code === 'role-refused') return
    yield value(finding)
  }
}

const listed = (
  ledger: Ledger,
  kind: LedgerKind,
  owner: string,
  { from, to }: RestrictedQuery
): AsyncGenerator<Finding, void> =>
  allowed(
    ledger.find(
      { kind, owner, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
      { restricted: true }
    )
  )

const targetOf = ({ bytes }: Finding): string | undefined => {
  const share = flatMap(decodeWith(ShareRecordCodec, 'a record of kind share'))(parseJson(bytes, recordBounds))
  return isRight<ShareRecord>(share) ? share.right.target : undefined
}

/** Records that another organisation shared: nothing but the share itself tells of them. */
async function* sharedBy(ledger: Ledger, owner: string, query: RestrictedQuery): AsyncGenerator<Finding, void> {
  const seen = new Set<string>()
  for await (const share of listed(ledger, 'share', owner, query)) {
    const target = targetOf(share)
    if (target === undefined || seen.has(target)) continue
    seen.add(target)
    const standing = await ledger.read(target, { restricted: true })()
    // What was purged since is not there; what the role does not reach is not told.
    if (isLeft(standing) && (standing.left.code === 'ledger-not-found' || standing.left.code === 'role-refused'))
      continue
    const { submissions, marks: _, ...record } = value(standing)
    for (const submission of submissions) yield { ...record, submission }
  }
}

const isWanted = ({ bytes, kind }: Finding, { kind: wanted, names }: RestrictedQuery): boolean => {
  if (wanted !== undefined && kind !== wanted) return false
  if (names === undefined) return true
  const named = flatMap((json: JsonValue) => namesOf(kind, json))(parseJson(bytes, recordBounds))
  return isRight(named) && named.right.some(({ role, text }) => role === names.role && names.texts.has(text))
}

async function* readable(ledger: Ledger, query: RestrictedQuery): AsyncGenerator<Finding, void> {
  const kinds = query.kind === undefined ? ledgerKinds : [query.kind]
  for (const owner of query.owners) {
    for (const kind of kinds) yield* listed(ledger, kind, owner, query)
    if (owner !== ledger.mspId) yield* sharedBy(ledger, owner, query)
  }
}

/**
 * Restricted records that one may read: those of one's own organisation, and what others shared with it. No key of a private collection
 * may tell what a record names, so that whoever looks for an image reads all manifests there.
 * Rejects with `ledger-unreachable`, `ledger-timeout`.
 */
export async function* restrictedFindings(ledger: Ledger, query: RestrictedQuery): AsyncGenerator<Finding, void> {
  for await (const finding of readable(ledger, query)) if (isWanted(finding, query)) yield finding
}
