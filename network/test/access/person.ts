import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { canonicalBytes, canonicalText, idOf, joinPage, ledgerKindOf, parseErrorText } from '@bims/core'
import type { JsonValue, Role } from '@bims/core'
import { expect } from 'vitest'
import { openAuthority } from '../../src/index.ts'
import type { Authority } from '../../src/index.ts'
import { readIdentityText } from '../../src/ca/identity-file.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import type { NetworkUnderTest } from '../conformance/context.ts'
import { failureOf } from '../conformance/observations.ts'
import { right } from '../ledger/open.ts'

/** What a call came to: an answer, or the code of BIMS with which it was refused, or else Fabric's own words. */
export interface Outcome {
  readonly code?: string
  readonly answer?: string
  /** Everything that came back, for a search. */
  readonly all: string
  readonly transaction?: string
}

export interface CallOptions {
  readonly transient?: Readonly<Record<string, Uint8Array>>
  /** MSP ids whose peers are to endorse. */
  readonly at?: readonly string[]
}

/** Someone who calls the chaincode `bims`. */
export interface Person {
  readonly name: string
  readonly mspId: string
  readonly client: TestClient
  readonly submit: (transaction: string, argument: JsonValue, options?: CallOptions) => Promise<Outcome>
  readonly ask: (transaction: string, argument: JsonValue) => Promise<Outcome>
}

const refusal = async (attempt: Promise<unknown>): Promise<Outcome> => {
  const failure = await failureOf(attempt)
  const messages = [failure.message, ...failure.details.map(({ message }) => message)]
  const own = messages.map(parseErrorText).find(error => error !== undefined)
  return { code: own?.code ?? messages.join('; '), all: messages.join('\n') }
}

/** Someone who is connected; any transaction that is endorsed must also come out VALID. */
export const newPerson = (network: NetworkUnderTest, name: string, client: TestClient): Person => {
  const contract = client.gateway.getNetwork(network.profile.channel).getContract(network.profile.chaincode)
  return {
    name,
    mspId: client.mspId,
    client,
    submit: async (transaction, argument, { at, transient } = {}) => {
      const proposal = contract.newProposal(transaction, {
        arguments: [canonicalText(argument)],
        ...(transient === undefined ? {} : { transientData: transient }),
        ...(at === undefined ? {} : { endorsingOrganizations: [...at] })
      })
      const endorsed = proposal.endorse()
      const attempt = await endorsed.catch(() => undefined)
      if (attempt === undefined) return refusal(endorsed)
      const status = await (await attempt.submit()).getStatus()
      expect(status.code, `${name}: ${transaction}`).toBe(0)
      const answer = text(attempt.getResult())
      return { answer, all: answer, transaction: attempt.getTransactionId() }
    },
    ask: async (transaction, argument) => {
      const asked = contract.newProposal(transaction, { arguments: [canonicalText(argument)] }).evaluate()
      const bytes = await asked.catch(() => undefined)
      if (bytes === undefined) return refusal(asked)
      return { answer: text(bytes), all: text(bytes) }
    }
  }
}

const authorityOf = (network: NetworkUnderTest, organization: string): Promise<Authority> =>
  openAuthority(
    readIdentityText(readFileSync(join(dirname(network.profileFile), 'organizations', organization, 'ca.pem'), 'utf8'))
  )

/** Makes a new identity of an organisation with a role, and connects it. */
export const enrolled = async (
  network: NetworkUnderTest,
  organization: string,
  name: string,
  role: Role
): Promise<Person> => {
  const authority = await authorityOf(network, organization)
  const attributes: Readonly<Record<string, string>> = role === 'none' ? {} : { 'bims.role': role }
  const credential = await authority.issue({ name, role: 'client', attributes })
  return newPerson(network, name, connectAs(network, `${organization}/${name}`, { credential }))
}

/** Argument and transient map of records to submit. */
export const submission = (
  records: readonly JsonValue[],
  target?: string
): { readonly records: JsonValue[]; readonly transient: { readonly page: Buffer } } => {
  const contents = records.map(canonicalBytes)
  return {
    records: records.map((record, i) => {
      const { schema } = record as { readonly schema: string }
      const kind = right(ledgerKindOf(schema))
      return { kind, id: idOf(contents[i]!), schema, ...(target === undefined ? {} : { target }) }
    }),
    transient: { page: deflateSync(joinPage(contents)) }
  }
}

/** Submits records, with what else the argument is to hold. */
export const submitRecords = (
  person: Person,
  records: readonly JsonValue[],
  more: { readonly [name: string]: JsonValue } = {},
  target?: string
): Promise<Outcome> => {
  const { transient, ...argument } = submission(records, target)
  const owner = (more['restricted'] as { readonly owner: string } | undefined)?.owner
  return person.submit(
    'Submit',
    { ...argument, ...more },
    { transient, ...(owner === undefined ? {} : { at: [owner] }) }
  )
}

/** Does what needs something that stands, at peers which may be a block behind the one that told of it. */
export const standing = async (attempt: () => Promise<Outcome>): Promise<Outcome> => {
  for (;;) {
    const outcome = await attempt()
    if (outcome.code !== 'ledger-not-found') return outcome
    await delay(100)
  }
}

/** Reads what stands already. */
export const arrived = (person: Person, argument: JsonValue): Promise<Outcome> =>
  standing(() => person.ask('Read', argument))

/** The id of a record. */
export const idOfRecord = (record: JsonValue): string => idOf(canonicalBytes(record))
