import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** A folder without symbolic links: `..` means the same to everybody only there. */
const realFolder = async (folder: string): Promise<string> => {
  const path = resolve(folder)
  try {
    return await realpath(path)
  } catch {
    // A folder that is not there has no other name.
    return path
  }
}

/**
 * How a saved image names the file of an input that its log names: relative to the image, whose reader has no log. What the log names
 * absolutely stands where it stands.
 */
export const inputFileFrom = async (folder: string, logFile: string, file: string): Promise<string> => {
  if (isAbsolute(file)) return file
  const path = resolve(dirname(logFile), file)
  const [from, to] = [await realFolder(folder), await realFolder(dirname(path))]
  return relative(from, join(to, basename(path)))
    .split(sep)
    .join('/')
}

/** Where the file of an input may be: where it was as seen from the image, or, when both were moved into one folder, beside it. */
export const inputFilesOf = async (image: string, file: string): Promise<readonly string[]> => {
  const folder = await realFolder(dirname(image))
  return [...new Set([resolve(folder, file), join(folder, basename(file))])]
}
