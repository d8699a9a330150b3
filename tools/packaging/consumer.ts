import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freshTarballs, tarballOf } from './build.ts'
import { executePnpm } from '../workspace/execute.ts'
import { root, type WorkspacePackage, workspacePackages } from '../workspace/packages.ts'

/** How a program ended. */
export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** A project outside the workspace that has installed nothing but the packed tarballs and what they depend on. */
export interface Consumer {
  readonly folder: string
  readonly packages: readonly WorkspacePackage[]
  /** Writes a file of the project. */
  readonly write: (name: string, text: string) => void
  /** Runs a program there, with Node 24 as `node` and without the variables of the test runner. */
  readonly run: (command: string, args: readonly string[], cwd?: string) => Promise<Ended>
  readonly remove: () => void
}

interface ExampleManifest {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

/** The folders of examples that start, with their start script. */
export const examplePrograms = (): readonly { readonly name: string; readonly start: string }[] =>
  readdirSync(`${root}examples`).flatMap(name => {
    const path = `${root}examples/${name}/package.json`
    if (!existsSync(path)) return []
    const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as ExampleManifest
    return scripts?.['start'] === undefined ? [] : [{ name, start: scripts['start'] }]
  })

const nodeFolder = `${root}node_modules/.bin`

const cleanEnvironment = (): NodeJS.ProcessEnv => {
  // What Node keeps of compiled sources changes nothing but the time that it takes.
  const runner = /^(VITEST|NODE_(?!COMPILE_CACHE$)|npm_|TEST$|PROD$|DEV$|MODE$)/
  const kept = Object.entries(process.env).filter(([name]) => !runner.test(name))
  return { ...Object.fromEntries(kept), PATH: [nodeFolder, process.env['PATH'] ?? ''].join(delimiter) }
}

const foreignDependencies = (own: ReadonlySet<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    examplePrograms().flatMap(({ name }) => {
      const manifest = JSON.parse(readFileSync(`${root}examples/${name}/package.json`, 'utf8')) as ExampleManifest
      return Object.entries(manifest.dependencies ?? {}).filter(([dependency]) => !own.has(dependency))
    })
  )

/** Packs all packages and installs them in a new project in the system's folder for temporary files. */
export const newConsumer = async (): Promise<Consumer> => {
  const packed = await freshTarballs()
  if (packed.status !== 0) throw new Error(`The packages could not be packed:\n${packed.output}`)
  const folder = mkdtempSync(join(tmpdir(), 'bims-consumer-'))
  const packages = workspacePackages()
  const tarballs = Object.fromEntries(packages.map(member => [member.manifest.name, `file:${tarballOf(member)}`]))
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write(
    'package.json',
    JSON.stringify({
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: { ...tarballs, ...foreignDependencies(new Set(Object.keys(tarballs))) }
    })
  )
  // The packages name each other by version, as they will in a registry, where these are not yet.
  const overrides = Object.entries(tarballs).map(([name, path]) => `  '${name}': '${path}'\n`)
  write('pnpm-workspace.yaml', `overrides:\n${overrides.join('')}`)
  const install = ['install', '--ignore-scripts', '--no-frozen-lockfile']
  const offline = await executePnpm([...install, '--offline'], { cwd: folder })
  const installed = offline.status === 0 ? offline : await executePnpm(install, { cwd: folder })
  if (installed.status !== 0) throw new Error(`The tarballs could not be installed:\n${installed.output}`)
  for (const { name } of examplePrograms()) {
    mkdirSync(join(folder, 'examples'), { recursive: true })
    cpSync(`${root}examples/${name}`, join(folder, 'examples', name), {
      recursive: true,
      filter: path => !path.endsWith('/node_modules')
    })
  }
  return {
    folder,
    packages,
    write,
    run: (command, args, cwd = folder) =>
      new Promise(resolve => {
        const child = execFile(
          command,
          [...args],
          { cwd, env: cleanEnvironment(), maxBuffer: 2 ** 26 },
          (error, stdout, stderr) => {
            const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
            resolve({ status, stdout, stderr: error === null ? stderr : `${stderr}\n${error.message}` })
          }
        )
        child.stdin?.end()
      }),
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}
