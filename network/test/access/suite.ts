import { afterAll, beforeAll, describe, vi } from 'vitest'
import { roles } from '@bims/core'
import type { NetworkUnderTest } from '../conformance/context.ts'
import { enrolled } from './person.ts'
import type { Person } from './person.ts'
import { roleTable } from './role-table.ts'
import type { Cast } from './role-table.ts'
import { secrecy } from './secrecy.ts'
import { strangers } from './strangers.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/** Who may do what on the chaincode `bims` of a network: the same tests for the embedded ledger and for real Fabric. */
export const access = (name: string, start: () => Promise<NetworkUnderTest>): void => {
  describe(`access on ${name}`, () => {
    let network: NetworkUnderTest | undefined
    const people = new Map<string, Person>()
    const started = (): NetworkUnderTest => network!
    const cast: Cast = {
      of: role => people.get(role)!,
      get colleague() {
        return people.get('colleague')!
      },
      get stranger() {
        return people.get('stranger')!
      }
    }
    beforeAll(async () => {
      network = await start()
      for (const role of roles) people.set(role, await enrolled(network, 'org1', `one-${role}`, role))
      people.set('colleague', await enrolled(network, 'org1', 'colleague', 'scientist'))
      people.set('stranger', await enrolled(network, 'org2', 'stranger', 'scientist'))
    })
    afterAll(async () => {
      for (const { client } of people.values()) client.close()
      await network?.close()
    })
    roleTable(() => cast)
    strangers(started)
    secrecy(started)
  })
}
