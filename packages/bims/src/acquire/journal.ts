import { newError } from '@bims/core'
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Planes of a running acquisition on disk, so that an acquisition of any length takes the memory of one plane. Each
 * plane has its place; they may come in any order.
 */
export interface Journal {
  /** Stores a plane. Rejects with `disk-full`, `file-io`. */
  readonly write: (plane: number, bytes: Uint8Array) => Promise<void>
  /** Reads a plane; zeros where none was stored. */
  readonly read: (plane: number) => Promise<Uint8Array>
  readonly remove: () => Promise<void>
}

const failed = (cause: unknown): never => {
  const full = typeof cause === 'object' && cause !== null && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
  throw newError(full ? 'disk-full' : 'file-io', `The journal of the acquisition cannot be written or read: ${String(cause)}`, full ? 'Make room; the planes so far are kept.' : 'Check the disk.', { cause })
}

const readPlane = async (handle: FileHandle, plane: number, planeBytes: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(planeBytes)
  let done = 0
  while (done < planeBytes) {
    const { bytesRead } = await handle.read(bytes, done, planeBytes - done, plane * planeBytes + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes
}

/** Starts a journal in a folder of its own below `folder`. */
export const openJournal = async (folder: string, name: string, planeBytes: number): Promise<Journal> => {
  const own = join(folder, name)
  await mkdir(own, { recursive: true }).catch(failed)
  const handle = await open(join(own, 'planes.raw'), 'wx+').catch(failed)
  return {
    write: async (plane, bytes) => {
      await handle.writev([bytes], plane * planeBytes).catch(failed)
    },
    read: plane => readPlane(handle, plane, planeBytes).catch(failed),
    remove: async () => {
      await handle.close()
      await rm(own, { recursive: true, force: true })
    }
  }
}
