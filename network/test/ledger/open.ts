import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { canonicalBytes, newLedgerRecord } from '@bims/core'
import type { JsonValue, LedgerRecord } from '@bims/core'
import { identityPath, openLedger, parseProfile, readIdentity } from '@bims/ledger'
import type { Identity, Ledger, LedgerOptions } from '@bims/ledger'

/** The right side, or a failure that tells the left. */
export const right = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(`left: ${JSON.stringify(result.left)}`)
  return result.right
}

/** The left side, or a failure that tells the right. */
export const left = <L>(result: E.Either<L, unknown>): L => {
  if (E.isRight(result)) throw new Error(`right: ${JSON.stringify(result.right)}`)
  return result.left
}

/** An identity of a network's folder, `ORG/USER`. */
export const identityOf = async (profileFile: string, name: string): Promise<Identity> => {
  const profile = right(parseProfile(await readFile(profileFile)))
  return right(readIdentity(await readFile(join(dirname(profileFile), identityPath(profile, name) ?? ''))))
}

/** Opens a client as `ORG/USER` of a network's folder. */
export const openAs = async (profileFile: string, name: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> => {
  const profile = right(parseProfile(await readFile(profileFile)))
  return right(await openLedger({ profile, identity: await identityOf(profileFile, name), ...more })())
}

/** A record from a value. */
export const recordOf = (value: JsonValue): LedgerRecord => right(newLedgerRecord(canonicalBytes(value)))

/** A small macro record, distinct by its words. */
export const newMacro = (...words: readonly (string | number)[]): LedgerRecord =>
  recordOf({ schema: 'bims.macro/1', words: [...words] })
