import { type BimsError, newError } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import { isPythonPath } from '../../../python/print.ts'
import type { StepDraft } from './step-draft.ts'

const attachmentName = /^[\w.-](?:[\w. -]{0,198}[\w.-])?$/

const operationProblem = ({ operation }: StepDraft, isValue: (name: string) => boolean): string | undefined => {
  if (!isPythonPath(operation)) return `${JSON.stringify(operation)} is no dotted Python name`
  const [root = '', ...rest] = operation.split('.')
  if (rest.length === 0) return `${JSON.stringify(operation)} names no module`
  return isValue(root) ? `${JSON.stringify(operation)} begins with the name of a value` : undefined
}

const textsOf = ({ name, doc, parameters, digests }: StepDraft): readonly string[] => [
  name ?? '',
  doc ?? '',
  ...Object.keys(digests ?? {}),
  ...(parameters ?? []).flatMap(parameter => [parameter.doc ?? '', parameter.unit ?? '', parameter.type ?? ''])
]

const contentProblem = (draft: StepDraft): string | undefined => {
  const { results = [], attachments = [] } = draft
  if (new Set(results).size !== results.length) return 'two results have one name'
  if (textsOf(draft).some(text => /\p{Surrogate}/u.test(text))) return 'a text holds a lone surrogate'
  const bad = attachments.find(({ name, at }) => !attachmentName.test(name) || (at !== undefined && /\s/.test(at)))
  return bad === undefined ? undefined : `${JSON.stringify(bad.name)} cannot name an attachment`
}

/** Checks what the parts of a step's text cannot check by themselves. Fails with `log-grammar`. */
export const checkDraft = (draft: StepDraft, isValue: (name: string) => boolean): Either<BimsError, StepDraft> => {
  const problem = operationProblem(draft, isValue) ?? contentProblem(draft)
  return problem === undefined
    ? right(draft)
    : left(
        newError(
          'log-grammar',
          `The step cannot be written: ${problem}.`,
          'Name operations like myviewer.paint, values otherwise than modules, attachments with letters, digits, dots, dashes and spaces.'
        )
      )
}
