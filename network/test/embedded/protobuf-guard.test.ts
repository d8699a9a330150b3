import { expect, it } from 'vitest'
import { common, gateway, peer } from '@hyperledger/fabric-protos'
import { guardProtobuf } from '../../src/embedded/protobuf-guard.ts'

guardProtobuf()

it('refuses fields that say they are longer than all there is, which took the library minutes', () => {
  const transient = new peer.ChaincodeProposalPayload()
  transient.getTransientmapMap().set('content', Buffer.from('secret'))
  const map = Buffer.from(transient.serializeBinary())
  // The length of the map's entry, 19, becomes four milliards.
  const longer = Buffer.concat([map.subarray(0, 1), Buffer.from('ffffffff0f', 'hex'), map.subarray(2)])
  const types = [peer.ChaincodeProposalPayload, common.Block, common.Payload, gateway.EndorseRequest, peer.Response]
  for (const type of types)
    for (const field of [0x0a, 0x12, 0x1a, 0x22]) {
      const bytes = Buffer.concat([Buffer.of(field), Buffer.from('ffffffff0f', 'hex'), Buffer.from('abc')])
      expect(() => type.deserializeBinary(bytes)).toThrow()
    }
  expect(() => peer.ChaincodeProposalPayload.deserializeBinary(longer)).toThrow('longer than its message')
})

it('reads what is as it should be', () => {
  const payload = new peer.ChaincodeProposalPayload()
  payload.setInput(Buffer.from('hello'))
  payload.getTransientmapMap().set('ä', Buffer.alloc(3000, 7))
  const read = peer.ChaincodeProposalPayload.deserializeBinary(payload.serializeBinary())
  expect(Buffer.from(read.getInput_asU8()).toString()).toBe('hello')
  expect(Buffer.from(read.getTransientmapMap().get('ä') ?? '')).toEqual(Buffer.alloc(3000, 7))
})
