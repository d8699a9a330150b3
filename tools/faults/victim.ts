import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'

/** A program that is put through faults, in one file: it starts several times faster, and is started a thousand times. */
export interface Victim {
  readonly run: (args: readonly string[], environment: Readonly<Record<string, string>>) => Promise<VictimRun>
}

/** What a run came to. */
export interface VictimRun {
  /** Lines on standard output: what was acknowledged. */
  readonly lines: readonly string[]
  readonly killed: boolean
  readonly code: number | null
  /** The end of standard error. */
  readonly errors: string
}

const runProgram = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>
): Promise<VictimRun> =>
  new Promise((done, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } })
    let out = ''
    let errors = ''
    child.stdout.on('data', (data: Buffer) => void (out += data.toString()))
    child.stderr.on('data', (data: Buffer) => void (errors = `${errors}${data.toString()}`.slice(-2000)))
    child.once('error', reject)
    child.once('close', (code, signal) =>
      done({ lines: out.split('\n').slice(0, -1), killed: signal === 'SIGKILL', code, errors })
    )
  })

/** A program as it stands, where it cannot be put into one file. */
export const sourceVictim = (source: string): Victim => ({
  run: (args, environment) => runProgram(source, args, environment)
})

/** Bundles a program into a folder. `native` are packages that stay outside, because they load compiled code. */
export const bundleVictim = async (source: string, dir: string, native: readonly string[]): Promise<Victim> => {
  const program = join(dir, `${basename(source, '.ts')}.mjs`)
  const require = createRequire(source)
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as requireHere } from 'node:module'; const require = requireHere(import.meta.url);"
    },
    plugins: [
      {
        name: 'native',
        setup: builder => {
          builder.onResolve({ filter: /^[a-z]/ }, ({ path }) =>
            native.includes(path) ? { path: require.resolve(path), external: true } : undefined
          )
          builder.onResolve({ filter: /\.node$/ }, ({ path, resolveDir }) => ({
            path: resolve(resolveDir, path),
            external: true
          }))
        }
      }
    ]
  })
  return { run: (args, environment) => runProgram(program, args, environment) }
}
