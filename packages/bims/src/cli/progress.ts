import type { Io } from './io.ts'

/** Tells how far something is. */
export interface Progress {
  /** `fraction` from 0 to 1, or undefined where the end is not known. */
  readonly update: (what: string, fraction?: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

const quietMilliseconds = 1000
const everyMilliseconds = 200

/**
 * Progress on standard error, silent in the first second: what is over by then needs none.
 * On a terminal one line is rewritten, elsewhere a line is written every ten seconds.
 */
export const newProgress = (io: Io, now: () => number = () => performance.now()): Progress => {
  const started = now()
  let last = -Infinity
  let shown = false
  return {
    update: (what, fraction) => {
      const at = now()
      if (at - started < quietMilliseconds || at - last < (io.terminal ? everyMilliseconds : 10_000)) return
      last = at
      shown = true
      const line = fraction === undefined ? what : `${what} ${Math.floor(fraction * 100)} %`
      io.err(io.terminal ? `\r\x1b[K${line}` : `${line}\n`)
    },
    end: () => {
      if (shown && io.terminal) io.err('\r\x1b[K')
      shown = false
    }
  }
}
