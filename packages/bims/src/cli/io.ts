import { isBimsError, newError, type BimsError } from '@bims/core/errors'
import { fileError, isSystemError } from '../files/file-error.ts'

/** What a command may touch of the outside: the one place where the program's streams come in. */
export interface Io {
  readonly out: (text: string | Uint8Array) => void
  readonly err: (text: string) => void
  /** Standard error is a terminal, so that a line of progress may be rewritten. */
  readonly terminal: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends the running command: Ctrl-C, SIGTERM. */
  readonly signal: AbortSignal
}

/** Whatever was thrown, as an error with code and advice. */
export const errorOf = (thrown: unknown): BimsError =>
  isBimsError(thrown) || isSystemError(thrown)
    ? fileError('The command', thrown)
    : newError(
        'unexpected',
        thrown instanceof Error ? thrown.message : String(thrown),
        'Please report this with the command that you ran.',
        { cause: thrown }
      )

/** An error as the one JSON value of `--json`. */
export const errorJson = ({ advice, code, issues, what }: BimsError): string =>
  `${JSON.stringify({ error: { code, what, advice, ...(issues === undefined ? {} : { issues }) } })}\n`

/** An error in plain words. */
export const errorText = ({ advice, code, issues, what }: BimsError): string =>
  [
    `${what} [${code}]`,
    ...(issues === undefined || issues.length < 2
      ? []
      : issues.slice(0, 20).map(issue => `  ${issue.at}: ${issue.what}`)),
    ...(issues !== undefined && issues.length > 20 ? [`  and ${issues.length - 20} more`] : []),
    advice
  ].join('\n') + '\n'
