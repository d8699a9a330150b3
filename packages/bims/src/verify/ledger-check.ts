import { isRestricted, type BimsError, type Check, type ReadBundle, type SealedRecord } from '@bims/core'
import type { Ledger, StandingRecord } from '@bims/ledger'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import type { LedgerAccess } from '../submit/ledger-access.ts'

const who = ({ submissions }: StandingRecord): string =>
  submissions.map(({ enrollmentId, mspId }) => `${mspId}/${enrollmentId}`).join(', ')

const withdrawn = ({ marks }: StandingRecord): string | undefined => {
  const [mark] = marks
  return mark === undefined ? undefined : `${mark.kind === 'withdraw' ? 'withdrawn' : 'superseded'} since`
}

interface LookedUp {
  /** It does not stand in public, and was made to stay restricted. */
  readonly restricted: boolean
  readonly standing: Either<BimsError, StandingRecord>
}

const lookUp = async (ledger: Ledger, { id, record }: SealedRecord): Promise<LookedUp> => {
  const standing = await ledger.read(id)()
  if (isRight(standing) || standing.left.code !== 'ledger-not-found' || !isRestricted(record))
    return { restricted: false, standing }
  return { restricted: true, standing: await ledger.read(id, { restricted: true })() }
}

/**
 * Looks the manifest and the macro of a bundle up on the ledger. The manifest must stand there; a record that does
 * not is told, whether it was never submitted or still waits in somebody's outbox.
 */
export const checkLedger = async (read: ReadBundle, access: LedgerAccess): Promise<Check> => {
  const check = (status: Check['status'], why: string): Check => ({ name: 'ledger', status, why })
  const ledger = await access.open()
  const found: string[] = []
  const wanted: readonly SealedRecord[] = [
    read.manifest,
    ...read.records.filter(({ id }) => id === read.bundle.manifest.macro)
  ]
  for (const sealed of wanted) {
    const { id, kind } = sealed
    const { restricted, standing } = await lookUp(ledger, sealed)
    if (isLeft(standing)) {
      const { code, what } = standing.left
      if (code === 'ledger-not-found')
        return check(
          'not-checked',
          restricted
            ? `the ${kind} record ${id} is restricted, and your organisation does not hold it`
            : `the ledger holds no ${kind} record ${id}: it was not submitted yet, or not to this ledger`
        )
      return check(code === 'record-id' ? 'fail' : 'not-checked', what)
    }
    const mark = withdrawn(standing.right)
    if (mark !== undefined) return check('fail', `the ${kind} record was ${mark}`)
    found.push(`${kind}${restricted ? ', restricted,' : ''} submitted by ${who(standing.right)}`)
  }
  return check(
    'pass',
    `${found.join('; ')}${access.embedded ? ' (an embedded ledger: one machine, one trust domain)' : ''}`
  )
}
