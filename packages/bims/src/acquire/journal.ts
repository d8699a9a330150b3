import { open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, onDisk } from '../files/file-error.ts'

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

/** A disk that fills up takes a part of what it is given before it refuses the rest. */
const writePlane = async (handle: FileHandle, plane: number, bytes: Uint8Array): Promise<void> => {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, plane * bytes.length + done)
    done += bytesWritten
  }
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
  await makeFolder(own)
  const handle = await onDisk('Starting the journal of the acquisition', open(join(own, 'planes.raw'), 'wx+'))
  return {
    write: (plane, bytes) => onDisk('Writing the journal of the acquisition', writePlane(handle, plane, bytes)),
    read: plane => onDisk('Reading the journal of the acquisition', readPlane(handle, plane, planeBytes)),
    remove: async () => {
      await handle.close()
      await onDisk('Removing the journal of the acquisition', rm(own, { recursive: true, force: true }))
    }
  }
}
