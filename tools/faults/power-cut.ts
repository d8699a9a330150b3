import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Call } from './trace.ts'

/** Says what of the unsynced a power cut leaves. Each is asked once a file or folder. */
export interface Choice {
  readonly name: string
  /** Of so many changes of a file (writes, lengths) not yet synced, those that the disk has: a list of booleans. */
  readonly writes: (count: number) => readonly boolean[]
  /** Bytes of the last write kept that the disk has of it, from 0 to 1. */
  readonly torn: number
  /** Whether the disk has a sector of the writes kept; asked once a sector. Default: all. */
  readonly sector?: () => boolean
  /** Whether a write that was lost leaves its length behind, as zeros. */
  readonly zeros: boolean
  /** Of so many changes of names in a folder not yet synced, those that the disk has. */
  readonly names: (count: number) => readonly boolean[]
}

type Change = { readonly offset: number; readonly bytes: Buffer } | { readonly length: number }

interface File {
  readonly folder: boolean
  /** Counts up from file to file, in the order in which they were made. */
  readonly born: number
  durable: Buffer
  pending: Change[]
}

/** What a folder's names lead to changes from call to call; `add` and `remove` of one call stand or fall together. */
interface NameChange {
  readonly folders: ReadonlySet<string>
  readonly apply: (names: Map<string, File>) => void
}

const applied = (bytes: Buffer, change: Change): Buffer => {
  if ('length' in change)
    return change.length <= bytes.length
      ? bytes.subarray(0, change.length)
      : Buffer.concat([bytes, Buffer.alloc(change.length - bytes.length)])
  const out = Buffer.alloc(Math.max(bytes.length, change.offset + change.bytes.length))
  out.set(bytes)
  out.set(change.bytes, change.offset)
  return out
}

const zeroed = (change: Change): Change =>
  'length' in change ? change : { offset: change.offset, bytes: Buffer.alloc(change.bytes.length) }

const torn = (change: Change, part: number): Change =>
  'length' in change ? change : { ...change, bytes: change.bytes.subarray(0, Math.floor(change.bytes.length * part)) }

const sectorBytes = 512

// A disk writes the sectors of a file in any order: those that it did not get to are as they were, or zeros.
const bySector = (bytes: Buffer, change: Change, has: () => boolean): Buffer => {
  if ('length' in change) return applied(bytes, change)
  const { offset } = change
  const out = applied(bytes, zeroed(change))
  out.set(bytes.subarray(offset, offset + change.bytes.length), offset)
  for (let from = 0; from < change.bytes.length;) {
    const to = Math.min(change.bytes.length, from + sectorBytes - ((offset + from) % sectorBytes))
    if (has()) out.set(change.bytes.subarray(from, to), offset + from)
    from = to
  }
  return out
}

// Zeros only where nothing stood before: what a lost write leaves is a longer file, never bytes wiped out.
const contentAfter = (file: File, choice: Choice): Buffer => {
  const kept = choice.writes(file.pending.length)
  const last = kept.lastIndexOf(true)
  let bytes = file.durable
  for (const [i, change] of file.pending.entries()) {
    if (kept[i] === true && choice.sector !== undefined) bytes = bySector(bytes, change, choice.sector)
    else if (kept[i] === true) bytes = applied(bytes, i === last ? torn(change, choice.torn) : change)
    else if (choice.zeros && 'bytes' in change && change.offset >= bytes.length) bytes = applied(bytes, zeroed(change))
  }
  return bytes
}

/** A disk that knows what of its files and names would survive a power cut. */
export class ModelDisk {
  readonly #root: string
  readonly #files = new Map<string, File>()
  #names = new Map<string, File>()
  #durable = new Map<string, File>()
  #pending: NameChange[] = []
  #born = 0

  constructor(root: string) {
    this.#root = root
  }

  /** A disk on which all of a folder is durable. Files go by their own numbers, as in a trace. */
  static async of(root: string): Promise<ModelDisk> {
    const disk = new ModelDisk(root)
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      const folder = entry.isDirectory()
      const durable = folder ? Buffer.alloc(0) : await readFile(path)
      const file: File = { folder, born: 0, durable, pending: [] }
      disk.#files.set(String((await stat(path)).ino), file)
      disk.#durable.set(path, file)
    }
    disk.#names = new Map(disk.#durable)
    return disk
  }

  /** Another disk that holds the same; nothing may be pending. */
  copy(): ModelDisk {
    const disk = new ModelDisk(this.#root)
    const copies = new Map<File, File>([...this.#files.values()].map(file => [file, { ...file, pending: [] }]))
    for (const [ino, file] of this.#files) disk.#files.set(ino, copies.get(file) ?? file)
    for (const [path, file] of this.#durable) disk.#durable.set(path, copies.get(file) ?? file)
    disk.#names = new Map(disk.#durable)
    return disk
  }

  /** Does what a call did. */
  play(call: Call): void {
    switch (call.call) {
      case 'C':
      case 'M':
        return this.#make(call.file, call.path, call.call === 'M')
      case 'W':
        return void this.#file(call.file).pending.push({ offset: call.offset, bytes: call.bytes })
      case 'T':
        return void this.#file(call.file).pending.push({ length: call.length })
      case 'S':
        return this.#sync(this.#file(call.file))
      default:
        return this.#playNames(call)
    }
  }

  #playNames(call: Extract<Call, { readonly call: 'F' | 'U' | 'R' | 'L' | 'A' }>): void {
    switch (call.call) {
      case 'F':
        return this.#syncFolder(call.path)
      case 'U':
        return this.#change([call.path], names => void names.delete(call.path))
      case 'L': {
        const linked = this.#named(call.from)
        return this.#change([call.to], names => void names.set(call.to, linked))
      }
      case 'R':
        return this.#rename(call.from, call.to)
      case 'A':
        return undefined
    }
  }

  // What a folder holds goes with it, also what is not yet durable in it.
  #rename(from: string, to: string): void {
    const moved = this.#named(from)
    const below = (path: string): string =>
      path === from || path.startsWith(`${from}/`) ? `${to}${path.slice(from.length)}` : path
    if (moved.folder)
      this.#pending = this.#pending.map(({ folders, apply }) => ({ folders: new Set([...folders].map(below)), apply }))
    this.#change([from, to], names => {
      const within = moved.folder ? [...names].filter(([path]) => path.startsWith(`${from}/`)) : []
      names.delete(from)
      names.set(to, moved)
      for (const [path, file] of within) {
        names.delete(path)
        names.set(below(path), file)
      }
    })
  }

  #named(path: string): File {
    const file = this.#names.get(path)
    if (file === undefined) throw new Error(`${path} is not on the model's disk`)
    return file
  }

  #file(ino: string): File {
    const file = this.#files.get(ino)
    if (file === undefined) throw new Error(`file ${ino} is not on the model's disk`)
    return file
  }

  #make(ino: string, path: string, folder: boolean): void {
    const file: File = { folder, born: ++this.#born, durable: Buffer.alloc(0), pending: [] }
    this.#files.set(ino, file)
    this.#change([path], names => {
      // A folder that is made again is empty, whatever became of the names in the one before.
      for (const [other, { born }] of names) if (other.startsWith(`${path}/`) && born < file.born) names.delete(other)
      names.set(path, file)
    })
  }

  #change(paths: readonly string[], apply: NameChange['apply']): void {
    apply(this.#names)
    this.#pending.push({ folders: new Set(paths.map(dirname)), apply })
  }

  #sync(file: File): void {
    file.durable = file.pending.reduce(applied, file.durable)
    file.pending = []
  }

  #syncFolder(path: string): void {
    for (const { folders, apply } of this.#pending) if (folders.has(path)) apply(this.#durable)
    this.#pending = this.#pending.filter(({ folders }) => !folders.has(path))
  }

  /** Writes what the disk holds after a power cut into an empty folder, in the place of the root. */
  async cut(choice: Choice, into: string): Promise<void> {
    const names = new Map(this.#durable)
    const byFolder = new Map<string, NameChange[]>()
    for (const change of this.#pending) {
      const key = [...change.folders].sort().join('\n')
      byFolder.set(key, [...(byFolder.get(key) ?? []), change])
    }
    const kept = new Set<NameChange>()
    for (const changes of byFolder.values()) {
      const choices = choice.names(changes.length)
      changes.forEach((change, i) => void (choices[i] === true && kept.add(change)))
    }
    for (const change of this.#pending) if (kept.has(change)) change.apply(names)
    // A name whose folder was lost is lost with it.
    const reachable = (path: string): boolean =>
      dirname(path) === this.#root || (names.get(dirname(path))?.folder === true && reachable(dirname(path)))
    for (const [path, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!reachable(path)) continue
      const target = join(into, relative(this.#root, path))
      if (file.folder) await mkdir(target, { recursive: true })
      else await writeFile(target, contentAfter(file, choice))
    }
  }
}

const all = (count: number): readonly boolean[] => Array.from({ length: count }, () => true)
const none = (count: number): readonly boolean[] => Array.from({ length: count }, () => false)
const first =
  (part: number) =>
  (count: number): readonly boolean[] =>
    Array.from({ length: count }, (_, i) => i < Math.ceil(count * part))
const some =
  (next: () => number) =>
  (count: number): readonly boolean[] =>
    Array.from({ length: count }, () => next() < 0.5)

/** What a power cut may leave, in the ways in which disks and their file systems are known to do it. */
export const choices = (next: () => number): readonly Choice[] => [
  { name: 'nothing unsynced', writes: none, torn: 1, zeros: false, names: none },
  { name: 'names without their bytes', writes: none, torn: 1, zeros: false, names: all },
  { name: 'names, and zeros for bytes', writes: none, torn: 1, zeros: true, names: all },
  { name: 'bytes, and the last of them in part', writes: all, torn: 0.5, zeros: false, names: all },
  { name: 'some sectors of the bytes', writes: all, torn: 1, zeros: false, names: all, sector: () => next() < 0.6 },
  { name: 'bytes without their names', writes: all, torn: 1, zeros: false, names: none },
  { name: 'the first half of both', writes: first(0.5), torn: 0.7, zeros: false, names: first(0.5) },
  { name: 'some of both, in any order', writes: some(next), torn: next(), zeros: next() < 0.5, names: some(next) }
]
