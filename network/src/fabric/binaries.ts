import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { newError } from '@bims/core'

const names = ['peer', 'orderer', 'configtxgen', 'osnadmin'] as const

/** A program of Fabric. */
export type BinaryName = (typeof names)[number]

/** Fabric's programs on this machine. */
export interface Binaries {
  /** Absolute path of each. */
  readonly path: Readonly<Record<BinaryName, string>>
  /** Their release, such as `3.1.5`. */
  readonly release: string
}

const find = async (name: string, folders: readonly string[]): Promise<string | undefined> => {
  for (const folder of folders) {
    const path = resolve(folder, name)
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false
    )
    if (runs) return path
  }
  return undefined
}

const advice =
  'Set FABRIC_BIN to a folder with peer, orderer, configtxgen and osnadmin of Hyperledger Fabric 2.5 or 3, or put them on the PATH.'

const releaseOf = async (peer: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(peer, ['version']).catch((cause: unknown) => {
    throw newError('fabric-missing', `The program ${peer} does not run.`, advice, { cause })
  })
  const release = /Version: v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  if (release === undefined || !/^(2\.5|3\.)/.test(release))
    throw newError('fabric-missing', `${peer} is of release ${release ?? 'unknown'}; 2.5 or 3 is needed.`, advice)
  return release
}

/**
 * Finds Fabric's programs: in the folder FABRIC_BIN, else on the PATH.
 * @throws `fabric-missing` where one is missing or of another release.
 */
export const findBinaries = async (environment: NodeJS.ProcessEnv = process.env): Promise<Binaries> => {
  const { FABRIC_BIN: named, PATH: search = '' } = environment
  const folders = named === undefined ? search.split(delimiter).filter(folder => folder !== '') : [named]
  const found = await Promise.all(names.map(async name => [name, await find(name, folders)] as const))
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0) {
    const where = named === undefined ? 'on the PATH' : `in ${join(named)}`
    throw newError('fabric-missing', `Fabric's ${missing.join(', ')} ${where}: not found.`, advice)
  }
  const at = (name: BinaryName): string => found.find(([each]) => each === name)?.[1] ?? name
  const path = { peer: at('peer'), orderer: at('orderer'), configtxgen: at('configtxgen'), osnadmin: at('osnadmin') }
  return { path, release: await releaseOf(path.peer) }
}
