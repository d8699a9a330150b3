import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What a judge says of a file, in its own words; to be compared before and after. */
export type Judgement = { readonly said: string } | { readonly refused: string }

/** A program of others that judges the files that we write. */
export interface Judge {
  readonly name: string
  /** Why it cannot judge here; undefined where it can. */
  readonly missing: string | undefined
  readonly version: () => Promise<string>
  /** One judgement a file. `scratch` is an empty folder of this call's own. */
  readonly judge: (files: readonly string[], scratch: string) => Promise<readonly Judgement[]>
}

/** Path of a file of the project's root. */
export const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/** Path of a file beside this one. */
export const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** How a program ended. */
export interface Ended {
  /** Exit code; undefined where it was killed or could not be started. */
  readonly code: number | undefined
  readonly out: string
  readonly err: string
}

/** Runs a program of others to its end, or ends it after `seconds`, with all programs that it started. */
export const run = (
  program: string,
  args: readonly string[],
  given: { readonly input?: string; readonly cwd?: string; readonly seconds?: number } = {}
): Promise<Ended> =>
  new Promise(resolve => {
    const { cwd, input = '', seconds = 60 } = given
    const child = spawn(program, args, { detached: true, ...(cwd === undefined ? {} : { cwd }) })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, seconds * 1000)
    const end = (code: number | undefined): void => {
      clearTimeout(timer)
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() })
    }
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
    child.on('error', () => {
      end(undefined)
    })
    child.on('close', code => {
      end(code ?? undefined)
    })
    // A program that ends without reading all of it is told by its exit code.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })

/** Whether a program can be started at all. */
export const isThere = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).error === undefined

export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** A Python that has the modules: BIMS_PYTHON, the project's own judges, or the machine's. */
export const pythonWith = (modules: string): string | undefined =>
  [process.env['BIMS_PYTHON'], fromRoot('.cache/judges/bin/python'), 'python3']
    .filter(candidate => candidate !== undefined && (candidate === 'python3' || existsSync(candidate)))
    .find(
      candidate =>
        candidate !== undefined && spawnSync(candidate, ['-c', `import ${modules}`], { stdio: 'ignore' }).status === 0
    )
