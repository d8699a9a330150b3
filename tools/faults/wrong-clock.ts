import { renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The clock of a program that was started with this environment, and of all that it starts. */
export interface WrongClock {
  /** For the program's environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Sets it so many milliseconds ahead of the true time; less than nothing: behind. */
  readonly set: (milliseconds: number) => void
}

/** A clock that is kept in a file, which is made, true at first. */
export const newWrongClock = (file: string): WrongClock => {
  const set = (milliseconds: number): void => {
    writeFileSync(`${file}.new`, String(milliseconds))
    renameSync(`${file}.new`, file)
  }
  set(0)
  const module = fileURLToPath(new URL('./clock.ts', import.meta.url))
  return { environment: { NODE_OPTIONS: `--import=${module}`, BIMS_CLOCK: file }, set }
}
