import { newError, parseJson, recordBounds, utf8, type JsonValue } from '@bims/core'
import type { ParameterChange } from '@bims/player'
import { isRight } from 'fp-ts/lib/Either.js'

const usage = (what: string, advice: string): never => {
  throw newError('usage', what, advice)
}

const mostSteps = 1_000_000

/** `1-3,5` as a set of step indexes. Throws `usage`. */
export const parseSteps = (text: string): ReadonlySet<number> => {
  const steps = new Set<number>()
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part)
    const from = Number(match?.[1])
    const to = Number(match?.[2] ?? from)
    if (match === null || to < from || to - from > mostSteps)
      return usage(`"${part}" is no range of steps.`, 'Write e.g. --steps 1-3,5.')
    for (let step = from; step <= to; step++) steps.add(step)
    if (steps.size > mostSteps)
      return usage(`"${text}" names more than ${mostSteps} steps.`, 'Write e.g. --steps 1-3,5.')
  }
  return steps
}

/** A fraction of the range, e.g. `1e-6`. Throws `usage`. */
export const parseTolerance = (text: string): number => {
  const tolerance = text.trim() === '' ? Number.NaN : Number(text)
  return tolerance >= 0 && tolerance < Infinity
    ? tolerance
    : usage(`"${text}" is no tolerance.`, 'Give a number from 0, e.g. 1e-6.')
}

/** `raw=other.tif` each. Throws `usage`. */
export const parseInputs = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      return at > 0
        ? [text.slice(0, at), text.slice(at + 1)]
        : usage(`"${text}" is no input.`, 'Write --input NAME=FILE.')
    })
  )

const jsonOr = (text: string): JsonValue => {
  const parsed = parseJson(utf8(text), recordBounds)
  return isRight(parsed) ? parsed.right : text
}

/** `2.sigma=1.5`; a value that is not JSON is taken as text. Throws `usage`. */
export const parseChange = (text: string): ParameterChange => {
  const match = /^(\d{1,9})\.([^=]+)=(.*)$/s.exec(text)
  if (match === null)
    return usage(`"${text}" is no change of a parameter.`, 'Write --set STEP.PARAM=VALUE, e.g. --set 2.sigma=1.5.')
  return { step: Number(match[1]), parameter: match[2] ?? '', value: jsonOr(match[3] ?? '') }
}
