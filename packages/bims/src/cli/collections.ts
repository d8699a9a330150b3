import { collectionsConfig, newError, type CollectionConfig } from '@bims/core'
import { readCollections, type ChaincodeCollections } from '@bims/network'
import * as E from 'fp-ts/lib/Either.js'
import { readSmallFile } from '../identity/roots.ts'
import { pairOf } from './network-flags.ts'

/** As much as a file of collections may hold. */
const mostBytes = 1024 * 1024

const readJson = (file: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw newError('usage', `${file} is not JSON.`, "Give a file such as Fabric's collections_config.json.", { cause })
  }
}

/** Reads `--collections NAME=FILE`: Fabric's collections_config.json of a chaincode. Rejects with `usage`, `file-missing`. */
export const collectionsOf = async (flags: readonly string[]): Promise<ChaincodeCollections> => {
  const found = new Map<string, readonly CollectionConfig[]>()
  for (const flag of flags) {
    const [name, file] = pairOf(flag, 'NAME=FILE')
    const read = readCollections(readJson(file, await readSmallFile(file, mostBytes)))
    if (E.isLeft(read)) throw read.left
    found.set(name, read.right)
  }
  return Object.fromEntries(found)
}

/** The collections of the BIMS chaincode for organisations. Throws `usage`. */
export const restrictedCollections = (mspIds: readonly string[]): readonly CollectionConfig[] => {
  const collections = collectionsConfig(mspIds)
  if (E.isLeft(collections)) throw collections.left
  return collections.right
}
