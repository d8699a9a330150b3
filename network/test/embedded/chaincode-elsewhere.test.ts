import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import { peer } from '@hyperledger/fabric-protos'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { dialling, freePort, serving } from '../fixtures/chaincode-program.ts'
import type { ChaincodeProgram } from '../fixtures/chaincode-program.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

describe('chaincode that runs elsewhere', () => {
  let dir: string
  let network: EmbeddedNetwork
  let alice: TestClient
  let servicePort: number
  const programs: ChaincodeProgram[] = []

  const started = (program: ChaincodeProgram): ChaincodeProgram => {
    programs.push(program)
    return program
  }
  const stateOf = (name: string): boolean => network.chaincodes().find(c => c.name === name)!.connected
  const listening = (): number => Number(network.chaincodes()[0]!.address!.split(':')[1])
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await delay(20)
  }
  const contract = (name: string): ReturnType<ReturnType<TestClient['gateway']['getNetwork']>['getContract']> =>
    alice.gateway.getNetwork('bims').getContract(name)

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-elsewhere-'))
    servicePort = await freePort()
    network = await startEmbedded({
      dir,
      chaincodes: [
        { name: 'dialler', listen: 0 },
        { name: 'service', address: `127.0.0.1:${servicePort}` }
      ]
    })
    alice = connectAs(network, 'org1/alice')
  })
  afterAll(async () => {
    alice.close()
    await network.close()
    await Promise.all(programs.map(program => program.end()))
    await rm(dir, { recursive: true })
  })

  it('may come after the ledger: a call says so while it is not there', async () => {
    expect([stateOf('dialler'), stateOf('service')]).toEqual([false, false])
    const calls = ['dialler', 'service'].map(name =>
      expect(contract(name).evaluateTransaction('get', 'k')).rejects.toMatchObject({
        code: 10,
        details: [
          expect.objectContaining({ message: expect.stringMatching(/could not launch chaincode.*127\.0\.0\.1/) })
        ]
      })
    )
    await Promise.all(calls)
  })

  it('may connect by itself to the port at which it is awaited', async () => {
    started(dialling('dialler', listening()))
    await until(() => stateOf('dialler'))
    await contract('dialler').submitTransaction('put', 'k', 'from outside')
    expect(text(await contract('dialler').evaluateTransaction('get', 'k'))).toBe('from outside')
  })

  it('may run as a service that starts later, and has a state of its own', async () => {
    const call = contract('service').submitTransaction('put', 'k', 'of the service')
    started(serving('service', servicePort))
    // The first call waits for it for as long as a peer does; on a slow machine that is too short.
    await call.catch(() => undefined)
    await until(() => stateOf('service'))
    await contract('service').submitTransaction('put', 'k', 'of the service')
    expect(text(await contract('service').evaluateTransaction('get', 'k'))).toBe('of the service')
    expect(text(await contract('dialler').evaluateTransaction('get', 'k'))).toBe('from outside')
  })

  it('answers with a status under 400 like any other, with 400 and more it refuses', async () => {
    expect(text(await contract('dialler').evaluateTransaction('warn'))).toBe('warned')
    await expect(contract('dialler').submitTransaction('refuse')).rejects.toMatchObject({
      code: 10,
      details: [expect.objectContaining({ message: 'chaincode response 404, no such thing' })]
    })
  })

  it('may end and come back', async () => {
    await Promise.all(programs.splice(0).map(program => program.end()))
    await until(() => !stateOf('dialler') && !stateOf('service'))
    started(dialling('dialler', listening(), { CORE_PEER_LOCALMSPID: 'Org1MSP' }))
    started(serving('service', servicePort))
    await until(() => stateOf('dialler') && stateOf('service'))
    expect(text(await contract('dialler').evaluateTransaction('get', 'k'))).toBe('from outside')
    expect(text(await contract('service').evaluateTransaction('get', 'k'))).toBe('of the service')
    expect(text(await contract('dialler').evaluateTransaction('environment'))).toBe('Org1MSP')
  })

  const registering = (message: peer.ChaincodeMessage): Promise<Error> =>
    new Promise((resolve, reject) => {
      const client = new peer.ChaincodeSupportClient(`127.0.0.1:${listening()}`, credentials.createInsecure())
      const stream = client.register()
      stream.on('data', () => reject(new Error('was let in')))
      stream.on('error', error => {
        client.close()
        resolve(error)
      })
      stream.write(message)
    })
  const register = (name: string): peer.ChaincodeMessage => {
    const id = new peer.ChaincodeID()
    id.setName(name)
    const message = new peer.ChaincodeMessage()
    message.setType(peer.ChaincodeMessage.Type.REGISTER)
    message.setPayload(id.serializeBinary())
    return message
  }

  it('is not let in twice, not by another name, not without its name', async () => {
    expect((await registering(register('dialler:1.0'))).message).toContain('duplicate chaincodeID: dialler')
    expect((await registering(register('stranger'))).message).toContain('will not accept external chaincode')
    // A service is connected to; it does not connect.
    expect((await registering(register('service'))).message).toContain('will not accept external chaincode')
    expect((await registering(new peer.ChaincodeMessage())).message).toContain('must be REGISTER')
    const garbled = register('dialler')
    garbled.setPayload(Uint8Array.of(10, 255))
    expect((await registering(garbled)).message).toContain('must be REGISTER')
    expect(text(await contract('dialler').evaluateTransaction('get', 'k'))).toBe('from outside')
  })

  it('is not let in with bytes that are no message', async () => {
    const client = new Client(`127.0.0.1:${listening()}`, credentials.createInsecure())
    const raw = (bytes: Buffer): Buffer => bytes
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(24, 255),
      Buffer.from('0a05', 'hex'),
      Buffer.from('GET / HTTP/1.1')
    ]) {
      const refused = new Promise(resolve => {
        const stream = client.makeBidiStreamRequest('/protos.ChaincodeSupport/Register', raw, raw)
        stream.on('data', () => resolve('was let in'))
        stream.on('error', error => resolve(error))
        stream.write(bytes)
      })
      expect(await refused).toBeInstanceOf(Error)
    }
    client.close()
    expect(text(await contract('dialler').evaluateTransaction('get', 'k'))).toBe('from outside')
  })

  it('is not awaited at a port that another program has', async () => {
    const other = join(dir, 'other')
    await expect(
      startEmbedded({ dir: other, chaincodes: [{ name: 'dialler', listen: listening() }] })
    ).rejects.toMatchObject({ code: 'network-port-taken' })
  })
})
