import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import * as t from 'io-ts'

/** A process, told apart from one that has its number later. */
export interface ProcessIdentity {
  readonly host: string
  /** Id of the machine's start, where the system tells it. */
  readonly boot: string
  readonly pid: number
  /** When the process started, in the system's own unit, where it tells it. */
  readonly start: string
}

/** Codec of {@link ProcessIdentity}. */
export const ProcessIdentityCodec: t.Type<ProcessIdentity, unknown, unknown> = t.type({
  host: t.string,
  boot: t.string,
  pid: t.number,
  start: t.string
})

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

// proc(5): the second field is the command in parentheses, which may hold anything; the start time is field 22.
const startOf = (pid: number): string => {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

const bootId = (): string => textOf('/proc/sys/kernel/random/boot_id').trim()

/** This process. */
export const thisProcess = (): ProcessIdentity => ({
  host: hostname(),
  boot: bootId(),
  pid: process.pid,
  start: startOf(process.pid)
})

const hasPid = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return !(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')
  }
}

/** Tells whether a process may still run. Of one on another machine that cannot be known, so that it counts as running. */
export const mayRun = (other: ProcessIdentity): boolean => {
  if (other.host !== hostname()) return true
  const boot = bootId()
  if (boot !== '' && other.boot !== '' && boot !== other.boot) return false
  if (!Number.isSafeInteger(other.pid) || other.pid <= 0 || !hasPid(other.pid)) return false
  const start = startOf(other.pid)
  return start === '' || other.start === '' || start === other.start
}
