import {
  ledgerLimits,
  type BimsError,
  type CollectionOwner,
  type FindArgument,
  type StateKey,
  type Term
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import { acquiredKey, isKeyName, logKey } from '../state/state-key.ts'
import { malformedArgument } from './argument.ts'

/** What is asked for: records with a term, or those that keys list by time. */
export type Question =
  | { readonly form: 'by-transaction'; readonly term: Term }
  | { readonly form: 'by-time'; readonly prefix: StateKey; readonly from?: string; readonly to?: string }

/** A question of `Find`, checked. */
export interface FindQuestion {
  readonly question: Question
  readonly most: number
  readonly bookmark: string
  readonly restricted?: CollectionOwner
}

const imageForm = /^(?:[0-9a-f]{64}|bims-(?:pixels|coded)-1:[0-9a-f]{64})$/
const sourceForm = /^(?:[0-9a-f]{64}|sha256:[0-9a-f]{64})$/

/** Tells whether a text is a content key or digest of an image. */
export const isImageName = (text: string): boolean => imageForm.test(text)

const term = (type: Term['type'], text: string): E.Either<BimsError, Question> =>
  E.right({ form: 'by-transaction', term: { type, text } })

const utc = (text: string): E.Either<BimsError, string> => {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) || date.toISOString().length !== 24
    ? malformedArgument(`The time ${text} cannot be compared with others.`)
    : E.right(date.toISOString())
}

const window = ({ from, to }: FindArgument): E.Either<BimsError, { readonly from?: string; readonly to?: string }> => {
  const begin = from === undefined ? undefined : utc(from)
  const end = to === undefined ? undefined : utc(to)
  if (begin !== undefined && E.isLeft(begin)) return begin
  if (end !== undefined && E.isLeft(end)) return end
  return E.right({ ...(begin && { from: begin.right }), ...(end && { to: end.right }) })
}

const byKind = (argument: FindArgument): E.Either<BimsError, Question> => {
  const { kind, owner } = argument
  if (kind === undefined || owner === undefined) return malformedArgument('A kind is looked for with an owner.')
  if (!isKeyName(owner)) return malformedArgument('The owner is not a usable mspId.')
  return E.map((between: { readonly from?: string; readonly to?: string }): Question => ({
    form: 'by-time',
    prefix: logKey(kind, owner),
    ...between
  }))(window(argument))
}

const questionOf = (argument: FindArgument): E.Either<BimsError, Question> => {
  const { image, source, reference, instrument } = argument
  if (image !== undefined)
    return isImageName(image) ? term('image', image) : malformedArgument('The image is no content key or digest.')
  if (source !== undefined)
    return sourceForm.test(source) ? term('source', source) : malformedArgument('The source is no content key or id.')
  if (reference !== undefined) return term('reference', reference)
  if (instrument !== undefined) return E.right({ form: 'by-time', prefix: acquiredKey(instrument) })
  return byKind(argument)
}

const only: readonly (keyof FindArgument)[] = ['image', 'source', 'reference', 'instrument', 'kind']
const withKind: readonly (keyof FindArgument)[] = ['owner', 'from', 'to', 'restricted']

/** Checks what `Find` is asked. Fails with `transaction-malformed`. */
export const parseQuestion = (argument: FindArgument): E.Either<BimsError, FindQuestion> => {
  const asked = only.filter(name => argument[name] !== undefined)
  if (asked.length !== 1)
    return malformedArgument('Exactly one of image, source, reference, instrument, and kind with owner is looked for.')
  const stray = withKind.find(name => argument[name] !== undefined)
  if (argument.kind === undefined && stray !== undefined) return malformedArgument(`${stray} goes only with a kind.`)
  const { pageSize = ledgerLimits.recordsPerAnswer, bookmark = '', restricted } = argument
  return E.map((question: Question) => ({
    question,
    most: Math.max(1, Math.min(pageSize, ledgerLimits.recordsPerAnswer)),
    bookmark,
    ...(restricted && { restricted })
  }))(questionOf(argument))
}
