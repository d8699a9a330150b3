/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import { dirname } from 'node:path'
import type { FileSystem } from '../../src/file/file-system.ts'

interface Inode {
  /** What a power cut leaves at least. */
  durable: Buffer
  current: Buffer
}

interface NameChange {
  readonly folder: string
  readonly apply: (names: Map<string, Inode>) => void
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code })

/** What is done to the next operations. */
export interface Fault {
  /** Operations that still succeed. */
  readonly after: number
  /** `kill`: the process is gone, nothing succeeds from then on. Else the operation fails with this code. */
  readonly code: 'kill' | 'ENOSPC' | 'EIO'
  /** How much of a write that is hit is done. */
  readonly torn: number
}

/**
 * A disk in memory: it knows what of files and names would survive a power cut, and fails or dies at any operation.
 */
export class MemoryFileSystem {
  #names = new Map<string, Inode>()
  #durableNames = new Map<string, Inode>()
  #pending: NameChange[] = []
  #fault: Fault | undefined
  #operations = 0
  clock = 0

  /** From now on. */
  inject(fault: Fault | undefined): void {
    this.#fault = fault
    this.#operations = 0
  }

  /** What stays of unsynced bytes and names is up to `choose`, a number from 0 to 1 for each. */
  powerCut(choose: () => number): void {
    const byFolder = new Map<string, NameChange[]>()
    for (const change of this.#pending) byFolder.set(change.folder, [...(byFolder.get(change.folder) ?? []), change])
    for (const changes of byFolder.values())
      for (const { apply } of changes.slice(0, Math.floor(choose() * (changes.length + 1)))) apply(this.#durableNames)
    for (const inode of new Set(this.#durableNames.values())) {
      if (inode.current.equals(inode.durable)) continue
      inode.durable = inode.current.subarray(0, Math.floor(choose() * (inode.current.length + 1)))
    }
    this.#names = new Map([...this.#durableNames].map(([path, { durable }]) => [path, { durable, current: durable }]))
    this.#durableNames = new Map(this.#names)
    this.#pending = []
  }

  paths(): readonly string[] {
    return [...this.#names.keys()].sort()
  }

  /** Changes bytes on the disk behind everyone's back. */
  damage(path: string, change: (bytes: Buffer) => Buffer): void {
    const inode = this.#inode(path)
    inode.current = inode.durable = change(Buffer.from(inode.current))
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw systemError('ENOENT')
    return inode
  }

  #hit(): Fault | undefined {
    const fault = this.#fault
    if (fault === undefined || this.#operations++ < fault.after) return undefined
    if (fault.code !== 'kill') this.#fault = undefined
    return fault
  }

  #step(): void {
    const fault = this.#hit()
    if (fault !== undefined) throw systemError(fault.code)
  }

  #change(folder: string, apply: NameChange['apply']): void {
    apply(this.#names)
    this.#pending.push({ folder, apply })
  }

  readonly files: FileSystem = {
    list: async folder => {
      this.#step()
      return [...this.#names.keys()].filter(path => dirname(path) === folder).map(path => path.slice(folder.length + 1))
    },
    read: async path => {
      this.#step()
      return Buffer.from(this.#inode(path).current)
    },
    changedAt: async () => this.clock,
    makeFolder: async () => {
      this.#step()
      return undefined
    },
    create: async path => {
      this.#step()
      if (this.#names.has(path)) throw systemError('EEXIST')
      const inode: Inode = { durable: Buffer.alloc(0), current: Buffer.alloc(0) }
      this.#change(dirname(path), names => names.set(path, inode))
      return {
        write: async bytes => {
          const fault = this.#hit()
          const written = fault === undefined ? bytes.length : Math.floor(fault.torn * bytes.length)
          inode.current = Buffer.concat([inode.current, bytes.subarray(0, written)])
          if (fault !== undefined) throw systemError(fault.code)
        },
        sync: async () => {
          this.#step()
          inode.durable = inode.current
        },
        close: async () => undefined
      }
    },
    rename: async (from, to) => {
      this.#step()
      const inode = this.#inode(from)
      // Of a move between folders a journal keeps both sides or none.
      this.#change(dirname(to), names => {
        names.delete(from)
        names.set(to, inode)
      })
    },
    link: async (from, to) => {
      this.#step()
      if (this.#names.has(to)) throw systemError('EEXIST')
      const inode = this.#inode(from)
      this.#change(dirname(to), names => names.set(to, inode))
    },
    remove: async path => {
      this.#step()
      if (this.#names.has(path)) this.#change(dirname(path), names => names.delete(path))
    },
    syncFolder: async path => {
      this.#step()
      for (const { folder, apply } of this.#pending) if (folder === path) apply(this.#durableNames)
      this.#pending = this.#pending.filter(({ folder }) => folder !== path)
    }
  }
}
