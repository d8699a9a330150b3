import { startEmbedded } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

const keysOf = (lines: readonly string[], word: string): readonly string[] =>
  lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1))

/** Starts an embedded ledger on what a fault left, and says what is wrong: something acknowledged that is lost, something unheard of. */
export const checkNetwork = async (dir: string, lines: readonly string[]): Promise<readonly string[]> => {
  const wrong: string[] = []
  const tried = new Set(keysOf(lines, 'trying'))
  try {
    const network = await startEmbedded({ dir, chaincodes: [probe], blockFileBytes: 20_000 })
    const client = connectAs(network, 'org2/bob')
    try {
      const contract = client.gateway.getNetwork('bims').getContract('probe')
      const keys = JSON.parse(text(await contract.evaluateTransaction('keys', '', ''))) as readonly string[]
      for (const key of keysOf(lines, 'committed'))
        if (!keys.includes(key)) wrong.push(`${key} was acknowledged and is lost`)
      for (const key of keys)
        if (!tried.has(key) && !key.startsWith('check ')) wrong.push(`${key} stands there and was never tried`)
      await contract.submitTransaction('put', `check ${network.height()}`, 'v')
    } finally {
      client.close()
      await network.close()
    }
  } catch (error) {
    wrong.push(`the ledger does not start: ${error instanceof Error ? error.stack : JSON.stringify(error)}`)
  }
  return wrong
}
