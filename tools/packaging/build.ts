import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execute, executePnpm, type Execution } from '../workspace/execute.ts'
import { inParallel } from '../workspace/parallel.ts'
import { checkManifests } from './manifests.ts'
import { root, type WorkspacePackage, workspacePackages } from '../workspace/packages.ts'

/** Where the tarballs of all packages lie after {@link packTarballs}. */
export const tarballFolder = `${root}.cache/tarballs`

const failed = (done: readonly (Execution & { readonly folder: string })[]): Execution => {
  const wrong = done.filter(({ status }) => status !== 0)
  return { status: wrong.length, output: wrong.map(({ folder, output }) => `${folder}:\n${output}`).join('\n') }
}

const buildOne = async ({ folder }: WorkspacePackage): Promise<Execution & { folder: string }> => {
  rmSync(`${root}${folder}/dist`, { recursive: true, force: true })
  return { ...(await execute('tsup', [], { cwd: root + folder })), folder }
}

/** Builds every package into its dist. */
export const buildPackages = async (): Promise<Execution> => failed(await inParallel(workspacePackages(), 2, buildOne))

const packOne = async ({ folder }: WorkspacePackage): Promise<Execution & { folder: string }> => ({
  ...(await executePnpm(['pack', '--pack-destination', tarballFolder], { cwd: root + folder })),
  folder
})

/** Packs every package, as built, into {@link tarballFolder}. */
export const packTarballs = async (): Promise<Execution> => {
  rmSync(tarballFolder, { recursive: true, force: true })
  mkdirSync(tarballFolder, { recursive: true })
  return failed(await inParallel(workspacePackages(), 2, packOne))
}

/** The tarball of a package. */
export const tarballOf = ({ manifest }: WorkspacePackage): string =>
  `${tarballFolder}/${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`

/** SHA-256 over all that goes into the tarballs. */
const sourceStamp = (): string => {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    hash
      .update(`${path}\0`)
      .update(readFileSync(root + path))
      .update('\0')
  }
  for (const path of ['tsup.base.ts', 'tsconfig.json', 'pnpm-lock.yaml', 'LICENSE', 'tools/packaging/manifest.ts'])
    add(path)
  for (const { folder } of workspacePackages()) {
    for (const name of ['package.json', 'tsup.config.ts', 'README.md']) add(`${folder}/${name}`)
    const sources = readdirSync(`${root}${folder}/src`, { recursive: true, withFileTypes: true })
    const files = sources.filter(entry => entry.isFile()).map(entry => `${entry.parentPath}/${entry.name}`)
    for (const path of files.sort()) add(path.slice(root.length))
  }
  return hash.digest('hex')
}

/** The tarballs of exactly the present sources: built and packed, unless they already lie there. */
export const freshTarballs = async (): Promise<Execution> => {
  const stamp = `${tarballFolder}/stamp`
  const wanted = sourceStamp()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { status: 0, output: 'as packed before' }
  const wrong = checkManifests(false)
  if (wrong.length > 0) return { status: 1, output: [...wrong, 'pnpm check manifests --update'].join('\n') }
  const built = await buildPackages()
  if (built.status !== 0) return built
  const packed = await packTarballs()
  if (packed.status === 0 && sourceStamp() === wanted) writeFileSync(stamp, wanted)
  return packed
}
