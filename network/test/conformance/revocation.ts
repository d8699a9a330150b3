import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import type { ConformanceContext } from './context.ts'
import { failureOf, fresh } from './observations.ts'

/** An identity that its organisation revokes. */
export const revocation = (on: ConformanceContext): void => {
  describe('an identity that is revoked', () => {
    let otto: TestClient | undefined
    afterAll(() => otto?.close())

    it('is refused from then on, also with what it had endorsed before, and nobody else is', async () => {
      otto = connectAs(on.network, 'org2/otto')
      const contract = otto.gateway.getNetwork(on.network.profile.channel).getContract('probe')
      const key = fresh('k')
      await contract.submitTransaction('put', key, 'before')
      const endorsed = await contract.newProposal('put', { arguments: [key, 'after'] }).endorse()
      await on.network.revoke('org2/otto')
      const attempt = async (): Promise<string> =>
        contract.evaluateTransaction('get', key).then(
          () => '',
          (error: unknown) => JSON.stringify(error)
        )
      for (let told = ''; told === ''; told = await attempt()) await delay(50)
      const evaluated = await failureOf(contract.evaluateTransaction('get', key))
      expect(evaluated.code).toBe(9)
      expect(JSON.stringify(evaluated)).toContain('access denied: channel [bims] creator org')
      const proposed = await failureOf(contract.newProposal('put', { arguments: [key, 'x'] }).endorse())
      expect(proposed.code).toBe(10)
      expect(proposed.details[0]!.message).toContain('access denied: channel [bims] creator org')
      const submitted = await failureOf(endorsed.submit())
      // Where orderers agree by BFT the gateway asks several, and says of each what it answered.
      expect(submitted.code).toBe(on.network.consensus === 'bft' ? 14 : 10)
      expect(JSON.stringify(submitted)).toContain('status=FORBIDDEN, info=implicit policy evaluation failed')
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('before')
      await on.contract.submitTransaction('put', key, 'by another')
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('by another')
    })
  })
}
