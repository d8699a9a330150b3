import type { RevocationList } from '@bims/ledger'
import { value } from '../promise.ts'
import { readSmallFile } from './roots.ts'

const largestList = 64 * 1024 * 1024

/** Reads certificate revocation lists (PEM or DER). Rejects with `file-missing`, `certificate-invalid`. */
export const readRevocations = async (paths: readonly string[]): Promise<readonly RevocationList[]> => {
  if (paths.length === 0) return []
  const { parseRevocationLists } = await import('@bims/ledger')
  const lists: RevocationList[] = []
  for (const path of paths) lists.push(...value(parseRevocationLists(await readSmallFile(path, largestList))))
  return lists
}
