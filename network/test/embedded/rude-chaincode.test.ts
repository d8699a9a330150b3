import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { peer } from '@hyperledger/fabric-protos'
import { parseProfile } from '@bims/ledger'
import type { Profile } from '@bims/ledger'
import { networkDown, networkStatus, networkUp } from '../../src/index.ts'
import { connectAs, text, type TestClient } from '../client.ts'
import { freePort } from '../fixtures/chaincode-program.ts'
import { probe } from '../fixtures/probe.ts'
import { connectRudely, message, onTransaction, registration, serveRudely } from '../fixtures/rude-chaincode.ts'
import { right } from '../ledger/open.ts'
import { trialFolder } from '../soak/kill-points.ts'
import { residentMegabytes } from '../soak/resident.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const Type = peer.ChaincodeMessage.Type
const resourceExhausted = 8

const completed = (txId: string, payload = 'well'): Buffer => {
  const response = new peer.Response()
  response.setStatus(200)
  response.setPayload(Buffer.from(payload))
  return message(Type.COMPLETED, txId, response.serializeBinary())
}
const getState = (txId: string, key: string): Buffer => {
  const request = new peer.GetState()
  request.setKey(key)
  return message(Type.GET_STATE, txId, request.serializeBinary())
}
const putState = (txId: string, key: string, value: Uint8Array): Buffer => {
  const request = new peer.PutState()
  request.setKey(key)
  request.setValue(value)
  return message(Type.PUT_STATE, txId, request.serializeBinary())
}

describe('chaincode that does what none may', () => {
  let dir: string
  let network: { readonly profile: Profile; readonly profileFile: string; readonly pid: number }
  let alice: TestClient
  let port: number
  let servicePort: number
  let before: number
  const open: (() => void)[] = []

  const up = async (executeTimeoutMs: number): Promise<void> => {
    dir = await trialFolder('rude')
    servicePort = await freePort()
    const chaincodes = [probe, { name: 'rude', listen: 0 }, { name: 'service', address: `127.0.0.1:${servicePort}` }]
    const { profile, pid = 0 } = await networkUp(join(dir, 'network'), { chaincodes, executeTimeoutMs })
    network = { profile: right(parseProfile(await readFile(profile))), profileFile: profile, pid }
    alice = connectAs(network, 'org1/alice')
    port = Number((await networkStatus(join(dir, 'network'))).chaincodes[1]!.address!.split(':')[1])
    await honest('at first')
    before = (await residentMegabytes(pid)) ?? 0
  }
  const down = async (): Promise<void> => {
    alice.close()
    await networkDown(join(dir, 'network'))
    await rm(dir, { recursive: true })
  }
  // Longer than a slow machine needs for a hundred megabytes.
  beforeAll(() => up(120_000))
  // One that a failed test has left would keep the next from connecting.
  afterEach(() => {
    for (const close of open.splice(0)) close()
  })
  afterAll(down)

  const contract = (name: string): ReturnType<ReturnType<TestClient['gateway']['getNetwork']>['getContract']> =>
    alice.gateway.getNetwork('bims').getContract(name)
  const honest = async (value: string): Promise<void> => {
    await contract('probe').submitTransaction('put', 'honest', value)
    expect(text(await contract('probe').evaluateTransaction('get', 'honest'))).toBe(value)
  }
  const call = (name = 'rude'): Promise<string> => contract(name).evaluateTransaction('anything').then(text)
  const refusal = (pattern: RegExp): unknown =>
    expect.objectContaining({ details: [expect.objectContaining({ message: expect.stringMatching(pattern) })] })
  const grown = async (): Promise<number> => ((await residentMegabytes(network.pid)) ?? 0) - before
  const connected = async (): Promise<boolean> =>
    (await networkStatus(join(dir, 'network'))).chaincodes.some(c => c.name === 'rude' && c.connected)
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await delay(20)
  }
  const rude = async (): Promise<ReturnType<typeof connectRudely>> => {
    await until(async () => !(await connected()))
    const chaincode = connectRudely(port, 'rude')
    open.push(chaincode.close)
    await until(connected)
    return chaincode
  }

  it('is cut off where it sends nothing but messages of no transaction', async () => {
    const stray = getState('e'.repeat(64), 'k')
    for (let i = 0; i < 5; i++) {
      const { stream, ended, close } = await rude()
      let over: { readonly code: number; readonly details: string } | undefined
      void ended.then(status => (over = status))
      while (over === undefined) {
        for (let n = 0; n < 1000; n++) stream.write(stray)
        await delay(0)
      }
      expect(over).toMatchObject({
        code: resourceExhausted,
        details: expect.stringContaining('messages in a row that belong to no transaction')
      })
      await honest(`beside strays ${i}`)
      close()
    }
    expect(await grown()).toBeLessThan(300)
  })

  it('may make the ledger keep no more than so much for a transaction', async () => {
    const chaincode = await rude()
    const value = Buffer.alloc(10_000_000, 'x')
    const refused: string[] = []
    onTransaction(chaincode, (txId, write) => {
      let n = 0
      write(putState(txId, `k${n}`, value))
      chaincode.stream.on('data', (bytes: Buffer) => {
        const told = peer.ChaincodeMessage.deserializeBinary(bytes)
        if (told.getType() === Type.RESPONSE) return write(putState(txId, `k${++n}`, value))
        if (told.getType() !== Type.ERROR) return
        refused.push(Buffer.from(told.getPayload_asU8()).toString())
        write(message(Type.ERROR, txId, Buffer.from(`after ${n}`)))
      })
    })
    await expect(call()).rejects.toEqual(refusal(/after 13/))
    expect(refused).toEqual([expect.stringContaining('may not ask the ledger to keep more than')])
    await honest('beside one that writes too much')
    chaincode.close()
  })

  it('is cut off with a message longer than any may be, and the call is told', async () => {
    const chaincode = await rude()
    onTransaction(chaincode, (txId, write) => write(message(Type.COMPLETED, txId, Buffer.alloc(120_000_000))))
    await expect(call()).rejects.toEqual(refusal(/chaincode stream terminated/))
    expect(await chaincode.ended).toMatchObject({ code: resourceExhausted })
    chaincode.close()
    await honest('beside a long message')
  })

  it('may answer twice, after the end, and another than it was asked for', async () => {
    const chaincode = await rude()
    onTransaction(chaincode, (txId, write) => {
      write(getState(txId, 'k'))
      write(completed(txId, 'first'))
      for (let n = 0; n < 50; n++) {
        write(completed(txId, 'second'))
        write(getState(txId, 'k'))
        write(putState(txId, 'k', Buffer.from('late')))
        write(message(Type.ERROR, txId, Buffer.from('third')))
      }
    })
    for (let n = 0; n < 20; n++) expect(await call()).toBe('first')
    chaincode.close()
  })

  it('fails alone with what is no message, or no answer', async () => {
    const answers: readonly (readonly [RegExp, (txId: string, write: (bytes: Buffer) => void) => void])[] = [
      [/chaincode stream terminated/, (_, write) => write(Buffer.from('0a05', 'hex'))],
      [/chaincode stream terminated/, (_, write) => write(Buffer.alloc(1000, 255))],
      [/failed to unmarshal response/, (txId, write) => write(message(Type.COMPLETED, txId, Buffer.alloc(24, 255)))],
      [/transaction returned with failure/, (txId, write) => write(message(Type.ERROR, txId, Buffer.alloc(9, 255)))]
    ]
    for (const [why, answer] of answers) {
      const chaincode = await rude()
      onTransaction(chaincode, answer)
      await expect(call()).rejects.toEqual(refusal(why))
      chaincode.close()
    }
    await honest('beside garbage')
  })

  it('answers a request that cannot be read with an error, and goes on', async () => {
    const chaincode = await rude()
    const types = [...Object.values(Type), 99].filter(type => ![Type.COMPLETED, Type.ERROR].includes(type as never))
    onTransaction(chaincode, (txId, write) => {
      const left = [...types]
      const next = (): void => {
        const type = left.shift()
        write(type === undefined ? completed(txId) : message(type, txId, Buffer.alloc(24, 255)))
      }
      chaincode.stream.on('data', (bytes: Buffer) => {
        if (peer.ChaincodeMessage.deserializeBinary(bytes).getType() !== Type.TRANSACTION) next()
      })
      next()
    })
    expect(await call()).toBe('well')
    chaincode.close()
  })

  it('is ended where it never registers and others come, and is not let in twice', async () => {
    const chaincode = await rude()
    onTransaction(chaincode, (txId, write) => write(completed(txId)))
    const second = connectRudely(port, 'rude')
    expect(await second.ended).toMatchObject({ details: expect.stringContaining('duplicate chaincodeID: rude') })
    chaincode.stream.write(registration('rude'))
    const nameless = Array.from({ length: 150 }, () => connectRudely(port))
    for (const { ended } of nameless.slice(0, 50)) expect(await ended).toMatchObject({ code: resourceExhausted })
    expect(await call()).toBe('well')
    for (const { close } of [chaincode, second, ...nameless]) close()
    await honest('beside the nameless')
  })

  it('is cut off and connected to again where it runs as a service', async () => {
    let streams = 0
    const stray = getState('e'.repeat(64), 'k')
    const end = await serveRudely(servicePort, stream => {
      streams += 1
      stream.write(registration('service'))
      if (streams === 1) for (let n = 0; n < 20_000; n++) stream.write(stray)
      else if (streams === 2) stream.write(Buffer.alloc(1000, 255))
      else if (streams === 3) stream.write(message(Type.COMPLETED, 'x', Buffer.alloc(120_000_000)))
      else
        stream.on('data', (bytes: Buffer) => {
          const told = peer.ChaincodeMessage.deserializeBinary(bytes)
          if (told.getType() === Type.TRANSACTION) stream.write(completed(told.getTxid()))
        })
    })
    await until(async () => (await delay(50), streams === 4))
    // The first call waits for it for as long as a peer does; on a slow machine that is too short.
    await call('service').catch(() => undefined)
    expect(await call('service')).toBe('well')
    await honest('beside a rude service')
    expect(await grown()).toBeLessThan(300)
    end()
  })

  describe('and is given up', () => {
    beforeAll(async () => {
      await down()
      await up(5000)
    })

    it('fails alone with no answer at all', async () => {
      const chaincode = await rude()
      onTransaction(chaincode, () => undefined)
      await expect(call()).rejects.toEqual(refusal(/timeout expired while executing/))
      await honest('beside silence')
    })

    it('is answered no faster than it reads', async () => {
      const value = Buffer.alloc(2_000_000, 'x')
      const writer = await rude()
      let put = false
      onTransaction(writer, (txId, write) => {
        write(putState(txId, 'large', value))
        writer.stream.on('data', () => put || ((put = true), write(completed(txId))))
      })
      await contract('rude').submitTransaction('anything')
      writer.close()
      const { stream, close } = await rude()
      // Asks for the same again and again, and stops to read with the first transaction.
      const asking: string[] = []
      onTransaction({ stream }, txId => {
        asking.push(txId)
        if (asking.length === 40) stream.pause()
      })
      const calls = Array.from({ length: 40 }, () => expect(call()).rejects.toEqual(refusal(/timeout expired/)))
      await until(async () => (await delay(0), asking.length === 40))
      for (let n = 0; n < 200; n++) for (const txId of asking) stream.write(getState(txId, 'large'))
      await honest('beside one that does not read')
      await Promise.all(calls)
      // 8,000 answers of 2 MB, or 40 where each transaction has one.
      expect(await grown()).toBeLessThan(300)
      close()
    })
  })
})
