import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { canonicalBytes, decodeWith, newError, parseJson, type BimsError, type BimsErrorCode } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { writeTemporary } from './durable.ts'
import type { FileSystem } from './file-system.ts'
import { codeOf, ioError } from './io-error.ts'
import { mayRun, ProcessIdentityCodec, thisProcess, type ProcessIdentity } from './process-identity.ts'

/** A lock that is held. */
export interface Lock {
  readonly release: () => Promise<void>
}

/** Which processes there are: the system's in production. */
export interface Processes {
  readonly self: () => ProcessIdentity
  readonly mayRun: (other: ProcessIdentity) => boolean
}

/** The processes of this machine. */
export const systemProcesses: Processes = { self: thisProcess, mayRun }

interface Holder {
  /** Undefined once released. */
  readonly owner?: ProcessIdentity
  readonly token: string
}

const HolderCodec: t.Type<Holder, unknown, unknown> = t.intersection([
  t.type({ token: t.string }),
  t.partial({ owner: ProcessIdentityCodec })
])

const generationOf = (name: string): number => {
  const match = /^lock\.([1-9]\d{0,14})$/.exec(name)
  return match === null ? 0 : Number(match[1])
}

const newest = async (files: FileSystem, folder: string): Promise<number> =>
  Math.max(0, ...(await files.list(folder)).map(generationOf))

const pathOf = (folder: string, generation: number): string => join(folder, `lock.${generation}`)

const holderOf = async (files: FileSystem, path: string): Promise<Holder | undefined> => {
  const bytes = await files.read(path)
  const holder = E.flatMap(decodeWith(HolderCodec, 'a lock'))(parseJson(bytes, { bytes: 4096, depth: 4 }))
  return E.isRight(holder) ? holder.right : undefined
}

const isFree = async (
  files: FileSystem,
  processes: Processes,
  folder: string,
  generation: number
): Promise<boolean> => {
  if (generation === 0) return true
  const holder = await holderOf(files, pathOf(folder, generation))
  return holder !== undefined && (holder.owner === undefined || !processes.mayRun(holder.owner))
}

/** Claims the next generation: of several processes that see the same one free, the file system lets one have the name. */
const claim = async (
  files: FileSystem,
  processes: Processes,
  folder: string,
  generation: number,
  token: string
): Promise<boolean> => {
  const path = pathOf(folder, generation)
  const temporary = await writeTemporary(files, path, canonicalBytes({ token, owner: { ...processes.self() } }))
  try {
    await files.link(temporary, path)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw cause
  } finally {
    await files.remove(temporary)
  }
  // Whoever looked long ago may have taken a name that was cleared away since.
  if ((await newest(files, folder)) === generation) return true
  await files.remove(path)
  return false
}

const clearBefore = async (files: FileSystem, folder: string, generation: number): Promise<void> => {
  for (const name of await files.list(folder)) {
    const old = generationOf(name)
    if (old > 0 && old < generation) await files.remove(join(folder, name))
  }
}

// The newest generation is marked as released and never removed: a name, once used, must not come free again.
const releaseOf = (files: FileSystem, folder: string, generation: number, token: string) => async (): Promise<void> => {
  const path = pathOf(folder, generation)
  const temporary = await writeTemporary(files, path, canonicalBytes({ token }))
  await files.rename(temporary, path)
}

/**
 * Takes the lock of a folder, also one that a process left behind when it was killed: the newest file `lock.<n>` tells who has it,
 * and to take it over is to make `lock.<n+1>`, which only one process can.
 * Fails with the code given where a process that may still run has it.
 */
export const takeLock = async (
  files: FileSystem,
  processes: Processes,
  folder: string,
  code: BimsErrorCode
): Promise<E.Either<BimsError, Lock>> => {
  const token = randomUUID()
  try {
    await files.makeFolder(folder)
    for (let attempt = 0; attempt < 20; attempt++) {
      const generation = await newest(files, folder)
      if (!(await isFree(files, processes, folder, generation).catch(() => false))) break
      if (await claim(files, processes, folder, generation + 1, token)) {
        await clearBefore(files, folder, generation + 1)
        return E.right({ release: releaseOf(files, folder, generation + 1, token) })
      }
    }
  } catch (cause) {
    return E.left(ioError('Taking the lock', cause))
  }
  return E.left(
    newError(
      code,
      `Another process works in ${dirname(folder)}.`,
      `Wait until it is done. Where it ran on a machine that is no more, remove the folder ${folder}.`
    )
  )
}
