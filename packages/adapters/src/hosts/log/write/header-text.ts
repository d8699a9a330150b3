import { type BimsError, type HostProgram, newError } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import { logSchema } from '../header.ts'
import { preamble } from '../preamble.ts'
import { docstringText } from './block-text.ts'

/** Who writes a log, in which session, with which libraries. */
export interface LogWriterOptions {
  readonly host: HostProgram
  /** Id of the session, e.g. a UUID. */
  readonly session?: string
  /** Library → version, e.g. `{ 'scikit-image': '0.26.0' }`. */
  readonly libraries?: Readonly<Record<string, string>>
  readonly device?: string
  readonly threads?: number
  readonly seed?: number
}

/** Text of one line, with something in it. */
const isWord = (text: string): boolean =>
  text.trim() === text && text !== '' && text.length <= 300 && !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text)

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < 1e15

const fieldsOf = ({
  host,
  session,
  libraries,
  device,
  threads,
  seed
}: LogWriterOptions): readonly (readonly [string, string, string])[] => {
  const one = (keyword: string, text: string | undefined): readonly (readonly [string, string, string])[] =>
    text === undefined ? [] : [[keyword, '', text]]
  return [
    ['schema', '', logSchema],
    ['host', '', host.name],
    ...one('version', host.version),
    ...one('session', session),
    ...Object.entries(libraries ?? {}).map(([name, version]) => ['library', name, version] as const),
    ...one('device', device),
    ...one('threads', threads?.toString()),
    ...one('seed', seed?.toString())
  ]
}

/** The head of a log. Fails with `log-grammar` where a text in it is empty or has several lines. */
export const headerText = (options: LogWriterOptions): Either<BimsError, string> => {
  const fields = fieldsOf(options)
  const issues = fields.flatMap(([keyword, argument, text]) =>
    isWord(text) && (keyword !== 'library' || /^[\w.-]{1,100}$/.test(argument)) && argument !== '__proto__'
      ? []
      : [{ at: `${keyword} ${argument}`.trim(), what: 'is empty, too long or not one line' }]
  )
  for (const count of [options.threads, options.seed])
    if (count !== undefined && !isCount(count)) issues.push({ at: String(count), what: 'is no count' })
  if (issues.length > 0)
    return left(
      newError('log-grammar', 'The header of the log cannot be written.', 'Give each as one line of text.', { issues })
    )
  return right(
    `${docstringText({ text: 'Log of an imaging session (docs/spec/log.md). It runs as it stands.', fields })}\n\n\n${preamble}\n\n\n`
  )
}
