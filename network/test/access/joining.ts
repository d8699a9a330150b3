import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { collectionsConfig } from '@bims/core'
import { deliver, openOutbox } from '@bims/ledger'
import type { Ledger } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChaincodeCollections } from '../../src/index.ts'
import type { NetworkUnderTest } from '../conformance/context.ts'
import { left, openAs, recordOf, right } from '../ledger/open.ts'

/** A network in a folder, which goes on in it with another definition of the chaincode. */
export interface NetworkOfFolder {
  readonly start: (dir: string, collections: ChaincodeCollections) => Promise<NetworkUnderTest>
  /** Has the definition name collections of all organisations. */
  readonly define: (running: NetworkUnderTest, dir: string) => Promise<NetworkUnderTest>
}

/** An organisation that came to the channel after the chaincode's definition: its collection comes with the next one. */
export const joining = (name: string, { define, start }: NetworkOfFolder): void => {
  describe(`an organisation that joins ${name}`, () => {
    let dir: string
    let network: NetworkUnderTest
    const open: Ledger[] = []
    const as = async (who: string): Promise<Ledger> => {
      const ledger = await openAs(network.profileFile, who)
      open.push(ledger)
      return ledger
    }
    const secret = (): ReturnType<typeof recordOf> =>
      recordOf({ schema: 'bims.macro/1', words: ['secret'], salt: randomBytes(16).toString('base64') })
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'bims-joining-'))
      network = await start(join(dir, 'network'), { bims: right(collectionsConfig(['Org1MSP'])) })
    })
    afterAll(async () => {
      for (const ledger of open) ledger.close()
      await network.close()
      await rm(dir, { recursive: true, force: true })
    })

    it('is told that it has no collection yet, keeps what it has, and delivers it with the next definition', async () => {
      const kept = secret()
      const shared = secret()
      const [alice, bob] = [await as('org1/alice'), await as('org2/bob')]
      const options = { restricted: true }
      expect(right(await alice.submit([shared], options)())).toMatchObject([{ status: 'committed' }])
      const refused = right(await bob.submit([secret()], options)())
      expect(refused).toMatchObject([{ status: 'refused', error: { code: 'collection-missing' } }])
      expect(refused[0]!.error!.what).toContain('no collection restricted_Org2MSP')
      expect(left(await alice.share([shared.id], 'Org2MSP')()).code).toBe('collection-missing')
      const outbox = right(await openOutbox(join(dir, 'outbox'))())
      right(await outbox.enqueue([kept], { restricted: 'Org2MSP' })())
      expect(right(await deliver({ outbox, ledger: bob })()).records).toMatchObject([
        { status: 'refused', error: { code: 'collection-missing' } }
      ])
      expect(right(await outbox.backlog()())).toMatchObject({ records: 1 })

      network = await define(network, join(dir, 'network'))
      const [again, owner] = [await as('org2/bob'), await as('org1/alice')]
      expect(right(await deliver({ outbox, ledger: again })()).records).toMatchObject([{ status: 'committed' }])
      expect(right(await again.read(kept.id, options)()).id).toBe(kept.id)
      expect(right(await owner.read(shared.id, options)()).id).toBe(shared.id)
      expect(right(await owner.share([shared.id], 'Org2MSP')())).toMatchObject([{ id: shared.id }])
      // The share was told of by the owner's peer; the receiver's may be a block behind.
      let found = await again.read(shared.id, options)()
      while (E.isLeft(found) && found.left.code === 'ledger-not-found') {
        await delay(100)
        found = await again.read(shared.id, options)()
      }
      expect(right(found).submissions).toMatchObject([{ shared: true }])
    })
  })
}
