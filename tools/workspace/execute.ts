import { spawn } from 'node:child_process'
import { basename, delimiter } from 'node:path'
import { root } from './packages.ts'

/** How a program ended and what it wrote, both streams in the order of arrival. */
export interface Execution {
  readonly status: number
  readonly output: string
}

/** Where and with what a program runs. */
export interface ExecuteOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const bin = `${root}node_modules/.bin`

/** The environment in which `node` is the project's own Node 24 and the project's tools are found. */
export const projectEnvironment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
  ...extra
})

/** Runs a program to its end; a program that cannot be started has status 127. */
export const execute = (command: string, args: readonly string[], options: ExecuteOptions = {}): Promise<Execution> =>
  new Promise(resolve => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: projectEnvironment(options.env),
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    const take = (chunk: string): void => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', error => {
      resolve({ status: 127, output: `${command}: ${error.message}` })
    })
    child.on('close', status => {
      resolve({ status: status ?? 1, output: output.trimEnd() })
    })
  })

/** How pnpm is called: the one that runs this script, else the pinned one through npx. */
const pnpmCommand = (): readonly [command: string, ...args: string[]] => {
  const running = process.env['npm_execpath']
  return running !== undefined && basename(running).startsWith('pnpm') ? [running] : ['npx', '-y', 'pnpm@12.21.0']
}

/** Runs pnpm. */
export const executePnpm = (args: readonly string[], options: ExecuteOptions = {}): Promise<Execution> => {
  const [command, ...first] = pnpmCommand()
  return execute(command, [...first, ...args], options)
}
