import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the workspace, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The members of a package.json that the tools read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly exports: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

/** One published package of the workspace. */
export interface WorkspacePackage {
  /** From the root, without a slash at its end: `packages/core`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Reads a package.json. */
export const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest

/** The published packages, in the order in which imports point. */
export const workspacePackages = (): readonly WorkspacePackage[] => {
  const order = ['core', 'ledger', 'chaincode', 'adapters', 'player', 'network', 'bims']
  const rank = (folder: string): number => order.indexOf(folder.slice(folder.lastIndexOf('/') + 1))
  const folders = [...readdirSync(`${root}packages`).map(name => `packages/${name}`), 'network']
  return folders
    .filter(folder => existsSync(`${root}${folder}/package.json`))
    .sort((a, b) => rank(a) - rank(b))
    .map(folder => ({ folder, manifest: readManifest(`${root}${folder}/package.json`) }))
}
