import { watch } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { newError } from '@bims/core'
import { revocationFolder } from '../ca/revoke.ts'
import { parseRevocationLists, type RevocationList } from '@bims/ledger'

/** The revocation lists of organisations, followed while their files change. */
export interface Revocations {
  readonly close: () => void
}

const listsIn = async (folder: string): Promise<readonly RevocationList[]> => {
  const lists: RevocationList[] = []
  for (const name of (await readdir(folder)).filter(file => /\.(pem|crl|der)$/i.test(file)).sort()) {
    const parsed = parseRevocationLists(await readFile(join(folder, name)))
    // A list that is passed over in silence would revoke nothing.
    if (E.isLeft(parsed))
      throw newError(
        'certificate-invalid',
        `${join(folder, name)}: ${parsed.left.what}`,
        'Put the list there that the organisation publishes (PEM or DER), or take the file away.'
      )
    lists.push(...parsed.right)
  }
  return lists
}

/** Changes of a folder come in bursts: it is read once when they are over. */
const settleMs = 50

/**
 * Reads the revocation lists of organisations and reads them again whenever a file changes; one that cannot be read
 * then leaves the lists as they were, and is told on standard error.
 * @throws `certificate-invalid` where a list cannot be read at the start.
 */
export const followRevocations = async (
  organizations: readonly { readonly mspId: string; readonly folder: string }[],
  use: (lists: ReadonlyMap<string, readonly RevocationList[]>) => void
): Promise<Revocations> => {
  const folders = organizations.map(({ mspId, folder }) => ({ mspId, path: join(folder, revocationFolder) }))
  for (const { path } of folders) await mkdir(path, { recursive: true })
  const read = async (): Promise<void> =>
    use(new Map(await Promise.all(folders.map(async ({ mspId, path }) => [mspId, await listsIn(path)] as const))))
  await read()
  let timer: NodeJS.Timeout | undefined
  const again = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      read().catch((error: unknown) => {
        const why = typeof error === 'object' && error !== null && 'what' in error ? String(error.what) : String(error)
        process.stderr.write(`The revocation lists stay as they were: ${why}\n`)
      })
    }, settleMs).unref()
  }
  const watchers = folders.map(({ path }) => watch(path, { persistent: false }, again).on('error', () => undefined))
  return {
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    }
  }
}
