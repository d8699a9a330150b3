import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { layoutOf } from './layout.ts'

/** Folder of the users' identity files in a network's folder. */
export const identityFolder = 'identities'

/** The root certificates of an organisation. */
export const readRoots = async (
  dir: string,
  organization: string
): Promise<{ readonly root: string; readonly tlsRoot: string }> => {
  const at = layoutOf(dir).organization(organization)
  const [root, tlsRoot] = await Promise.all([readFile(join(at.dir, 'root.pem'), 'utf8'), readFile(at.tlsRoot, 'utf8')])
  return { root, tlsRoot }
}

/** The identity files of an organisation's users, by name, relative to the network's folder; also of users made later. */
export const identityFiles = async (dir: string, organization: string): Promise<Readonly<Record<string, string>>> => {
  const files = (await readdir(join(dir, identityFolder, organization))).filter(file => file.endsWith('.pem')).sort()
  return Object.fromEntries(
    files.map(file => [file.slice(0, -'.pem'.length), `${identityFolder}/${organization}/${file}`])
  )
}
