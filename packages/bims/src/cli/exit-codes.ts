import type { BimsErrorTag } from '@bims/core'

/** The exit codes of the program `bims`. */
export const exitCodes = {
  done: 0,
  /** A check failed: verify, audit, a replay that differs. */
  checkFailed: 1,
  /** Bad usage or input, no permission, disk full, output exists. */
  bad: 2,
  /** Cannot be answered now: incomplete, ledger unreachable, not runnable. */
  notNow: 3,
  interrupted: 130
} as const

const byTag: Readonly<Record<BimsErrorTag, number>> = {
  Malformed: exitCodes.bad,
  Unsupported: exitCodes.bad,
  Refused: exitCodes.bad,
  Missing: exitCodes.bad,
  Io: exitCodes.bad,
  Unavailable: exitCodes.notNow,
  Mismatch: exitCodes.checkFailed,
  Interrupted: exitCodes.interrupted
}

/** The exit code that a kind of error ends the program with. */
export const exitCodeOf = (tag: BimsErrorTag): number => byTag[tag]
