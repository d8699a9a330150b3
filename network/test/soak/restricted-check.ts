import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BimsError } from '@bims/core'
import type { Ledger } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'
import { startEmbedded } from '../../src/index.ts'
import { newMacro, openAs, right } from '../ledger/open.ts'

const wordsAfter = (lines: readonly string[], word: string): readonly (readonly string[])[] =>
  lines.filter(line => line.startsWith(`${word} `)).map(line => line.split(' ').slice(1))

/** What a restricted-writer said before a fault; ids of records and digests of attachments together. */
interface Said {
  readonly committed: readonly string[]
  /** Digests of attachments, and their bytes in hexadecimal. */
  readonly attached: readonly (readonly [digest: string, hex: string])[]
  /** Asked to be purged: it may stand or not. */
  readonly purging: ReadonlySet<string>
  readonly purged: ReadonlySet<string>
}

const saidIn = (lines: readonly string[]): Said => ({
  committed: wordsAfter(lines, 'committed').map(([id = '']) => id),
  attached: wordsAfter(lines, 'attached').map(([digest = '', hex = '']) => [digest, hex] as const),
  purging: new Set(wordsAfter(lines, 'purging').flat()),
  purged: new Set(wordsAfter(lines, 'purged').flat())
})

const judge = (what: string, read: E.Either<BimsError, unknown>, said: Said): readonly string[] => {
  if (E.isRight(read)) return said.purged.has(what) ? [`${what} was purged and is back`] : []
  const { code, what: text } = read.left
  if (code === 'ledger-not-found' && said.purging.has(what)) return []
  return [`${what} was acknowledged and is lost: ${code}: ${text}`]
}

const strangers = async (bob: Ledger, { committed, attached }: Said): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const id of committed)
    if (E.isRight(await bob.read(id, { restricted: true })())) wrong.push(`${id} is read by another organisation`)
  for (const [digest] of attached)
    if (E.isRight(await bob.attachment(digest)())) wrong.push(`${digest} is read by another organisation`)
  return wrong
}

const checkReads = async (profileFile: string, said: Said): Promise<readonly string[]> => {
  const wrong: string[] = []
  const [alice, bob] = [await openAs(profileFile, 'org1/alice'), await openAs(profileFile, 'org2/bob')]
  try {
    for (const id of said.committed) wrong.push(...judge(id, await alice.read(id, { restricted: true })(), said))
    for (const [digest, hex] of said.attached) {
      const read = await alice.attachment(digest)()
      wrong.push(...judge(digest, read, said))
      if (E.isRight(read) && Buffer.from(read.right.bytes).toString('hex') !== hex) wrong.push(`${digest} is another`)
    }
    wrong.push(...(await strangers(bob, said)))
    const [outcome] = right(await alice.submit([newMacro('check', Date.now(), Math.random())])())
    if (outcome?.status !== 'committed') wrong.push(`it takes no more records: ${outcome?.error?.what}`)
  } finally {
    alice.close()
    bob.close()
  }
  return wrong
}

/** What the files of a ledger that has ended hold that they may not. */
const checkFiles = async (dir: string, said: Said): Promise<readonly string[]> => {
  const files: Buffer[] = []
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) files.push(await readFile(join(entry.parentPath, entry.name)))
  const standing = said.attached.filter(([, hex]) => files.some(bytes => bytes.includes(Buffer.from(hex, 'hex'))))
  const kept = said.attached.filter(([digest]) => !said.purging.has(digest))
  return [
    ...standing.flatMap(([digest]) => (said.purged.has(digest) ? [`${digest} was purged and stands in a file`] : [])),
    // One of many may lie across two pieces of a file; where none is found, the search itself is of no use.
    ...(kept.length > 0 && standing.length === 0 ? ['no attachment at all is found in the files'] : [])
  ]
}

/**
 * Starts an embedded ledger on what a fault left, and says what is wrong with its restricted records and attachments: one
 * acknowledged that is lost, one that others read, one purged that can be read or whose bytes stand in any file.
 */
export const checkRestricted = async (dir: string, lines: readonly string[]): Promise<readonly string[]> => {
  const said = saidIn(lines)
  try {
    const network = await startEmbedded({ dir, blockFileBytes: 20_000 })
    let wrong: readonly string[]
    try {
      wrong = await checkReads(network.profileFile, said)
    } finally {
      await network.close()
    }
    return wrong.length > 0 ? wrong : await checkFiles(dir, said)
  } catch (error) {
    return [`the ledger does not start: ${error instanceof Error ? error.stack : JSON.stringify(error)}`]
  }
}
