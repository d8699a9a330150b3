import type { BimsError } from '@bims/core'
import { exitCodes } from './exit-codes.ts'
import { errorJson, errorText, type Io } from './io.ts'
import { newProgress, type Progress } from './progress.ts'

/** What a command works with: it prints through this, and says here with which code the program ends. */
export interface CommandContext {
  readonly io: Io
  readonly progress: Progress
  /** Prints the result: as JSON where `--json` was given, else in words. */
  readonly print: (json: unknown, words: () => string) => void
  /** Sets the exit code; the default is 0. */
  readonly exit: (code: number) => void
}

/** A command's context together with the code that it ends with. */
export interface RunningCommand extends CommandContext {
  readonly exitCode: () => number
}

/** Starts the context of one command. */
export const newContext = (io: Io, json: boolean): RunningCommand => {
  let code: number = exitCodes.done
  const progress = newProgress(io)
  return {
    io,
    progress,
    print: (value, words) => {
      progress.end()
      io.out(json ? `${JSON.stringify(value)}\n` : words())
    },
    exit: to => {
      code = to
    },
    exitCode: () => code
  }
}

/** Prints an error: as the one JSON value on standard output, or in words on standard error. */
export const printError = (io: Io, json: boolean, error: BimsError): void =>
  json ? io.out(errorJson(error)) : io.err(errorText(error))
