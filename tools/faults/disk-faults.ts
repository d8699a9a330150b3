import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const source = fileURLToPath(new URL('./disk-faults.c', import.meta.url))

/** What is done to a program's calls that change files under one folder. */
export interface FaultPlan {
  /** Absolute path of the folder, without symbolic links. */
  readonly root: string
  /** Number of the first call that is hit, from 1. Default: none. */
  readonly at?: number
  /** How many calls are hit. Default 1. */
  readonly calls?: number
  readonly act?: 'kill-before' | 'kill-after' | 'kill-torn' | 'ENOSPC' | 'EIO' | 'delay'
  /** Letters of the calls that count, as in a trace. Default: all. */
  readonly only?: string
  /** Microseconds that a delay takes. */
  readonly delay?: number
  /** File into which every call is written. */
  readonly trace?: string
}

/** The library of disk-faults.c, compiled. */
export interface DiskFaults {
  /** The environment in which a program meets the faults. */
  readonly environment: (plan: FaultPlan) => Readonly<Record<string, string>>
  /** Removes what was compiled. */
  readonly close: () => Promise<void>
}

const compile = async (dir: string): Promise<string | undefined> => {
  const library = join(dir, 'disk-faults.so')
  try {
    await promisify(execFile)('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-lpthread'])
    return library
  } catch {
    return undefined
  }
}

const environmentOf = (library: string, plan: FaultPlan): Readonly<Record<string, string>> => ({
  LD_PRELOAD: library,
  // Calls that go past the C library would not be seen.
  UV_USE_IO_URING: '0',
  FAULT_ROOT: plan.root,
  FAULT_AT: String(plan.at ?? 0),
  FAULT_FOR: String(plan.calls ?? 1),
  FAULT_DO: plan.act ?? '',
  FAULT_DELAY: String(plan.delay ?? 0),
  ...(plan.only === undefined ? {} : { FAULT_ONLY: plan.only }),
  ...(plan.trace === undefined ? {} : { FAULT_TRACE: plan.trace })
})

/** Compiles the library; undefined where that cannot be done: not Linux, or no C compiler. */
export const compileDiskFaults = async (): Promise<DiskFaults | undefined> => {
  if (process.platform !== 'linux') return undefined
  const dir = await mkdtemp(join(tmpdir(), 'bims-faults-'))
  const library = await compile(dir)
  const close = (): Promise<void> => rm(dir, { recursive: true })
  if (library === undefined) {
    await close()
    return undefined
  }
  return { environment: plan => environmentOf(library, plan), close }
}

/** What is said aloud where the trials cannot run. */
export const whyNoDiskFaults = 'skipped: faults are injected by a preloaded library, which needs Linux and a C compiler'
