import { readdir } from 'node:fs/promises'

const namePattern = /^blocks-(\d{6})$/

/** Name of a file of blocks by its number. */
export const blockFileName = (file: number): string => `blocks-${String(file).padStart(6, '0')}`

/** Numbers of the files of blocks in a folder, in order. Rejects as the file system does. */
export const blockFilesIn = async (dir: string): Promise<readonly number[]> =>
  (await readdir(dir))
    .flatMap(name => {
      const match = namePattern.exec(name)
      return match === null ? [] : [Number(match[1])]
    })
    .sort((a, b) => a - b)
