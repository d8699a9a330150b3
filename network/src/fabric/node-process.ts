import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newError } from '@bims/core'
import { systemProcesses } from '@bims/ledger'
import type { ProcessIdentity } from '@bims/ledger'
import type { NodeFolder } from './layout.ts'

/** A program to keep running. */
export interface NodeProgram {
  readonly name: string
  readonly folder: NodeFolder
  readonly command: readonly [string, ...string[]]
  readonly environment: Readonly<Record<string, string>>
}

// The process itself writes down who it is before it becomes the program: whoever started it may be killed at any moment,
// and still nothing runs that is not written down. Lines: process id, start, id of the machine's start.
const script = `f=$1; shift
{ echo $$; cut -d' ' -f22 /proc/$$/stat 2>/dev/null || echo; cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo; } >"$f.tmp"
mv "$f.tmp" "$f"
exec "$@"`

const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot'] as const

/** The environment of a program: none of the settings that a CORE_ or ORDERER_ variable of the caller's would change. */
export const environmentOf = (more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(kept.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  ...more
})

const readIdentity = async (folder: NodeFolder): Promise<ProcessIdentity | undefined> => {
  const text = await readFile(folder.process, 'utf8').catch(() => '')
  const [pid = '', start = '', boot = ''] = text.split('\n')
  return /^[1-9]\d*$/.test(pid) ? { host: hostname(), boot, pid: Number(pid), start } : undefined
}

/** The process that runs a node now, or undefined. */
export const runningPid = async (folder: NodeFolder): Promise<number | undefined> => {
  const identity = await readIdentity(folder)
  return identity !== undefined && systemProcesses.mayRun(identity) ? identity.pid : undefined
}

/** Starts a program that goes on without this process; what it writes goes into its log. */
export const startNode = async (program: NodeProgram): Promise<void> => {
  const { folder } = program
  await mkdir(dirname(folder.process), { recursive: true })
  await mkdir(folder.data, { recursive: true })
  await rm(folder.process, { force: true })
  const log = await open(folder.log, 'a')
  try {
    const child = spawn('/bin/sh', ['-c', script, 'sh', folder.process, ...program.command], {
      detached: true,
      cwd: folder.data,
      stdio: ['ignore', log.fd, log.fd],
      env: environmentOf(program.environment)
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
  } finally {
    await log.close()
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended.
  }
}

const endsWithin = async (folder: NodeFolder, milliseconds: number): Promise<boolean> => {
  for (let waited = 0; waited < milliseconds; waited += 50) {
    if ((await runningPid(folder)) === undefined) return true
    await delay(50)
  }
  return (await runningPid(folder)) === undefined
}

/**
 * Stops the process of a node, if there is one: asks it to end, and ends it where it does not.
 * @throws `network-locked` where it cannot be ended.
 */
export const stopNode = async (name: string, folder: NodeFolder): Promise<void> => {
  const pid = await runningPid(folder)
  if (pid !== undefined) {
    signal(pid, 'SIGTERM')
    if (!(await endsWithin(folder, 10_000))) {
      signal(pid, 'SIGKILL')
      if (!(await endsWithin(folder, 10_000)))
        throw newError('network-locked', `The process ${pid} of ${name} does not end.`, 'End it by its id.')
    }
  }
  await rm(folder.process, { force: true })
}

/** The last lines of a node's log, to tell why it does not run. */
export const logTail = async (folder: NodeFolder): Promise<string> => {
  const text = await readFile(folder.log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-5).join('\n')
}
