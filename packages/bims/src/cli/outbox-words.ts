import type { OutboxStatus } from '../submit/backlog.ts'
import { counted } from './words.ts'

/** Lines about what waits in an outbox; none where there is no outbox. */
export const outboxWords = (outbox: OutboxStatus | undefined): readonly (readonly [string, string])[] => {
  if (outbox === undefined) return []
  const { attachments, corrupt, dir, records, refused, transactions } = outbox
  const waiting = [
    ...(records === 0 ? [] : [counted(records, 'record')]),
    ...(attachments === 0 ? [] : [counted(attachments, 'attachment')])
  ].join(' and ')
  const more = [
    ...(transactions === 0 ? [] : [`the outcome of ${counted(transactions, 'transaction')} is not known yet`]),
    ...(refused.length === 0 ? [] : [`${counted(refused.length, 'file')} of records that the ledger will never take`]),
    ...(corrupt.length === 0 ? [] : [`${counted(corrupt.length, 'damaged file')} set aside`])
  ]
  const first = waiting === '' ? `nothing waits in ${dir}` : `${waiting} in ${dir}, for \`bims submit\``
  return [['outbox', [first, ...more].join('; ')]]
}
