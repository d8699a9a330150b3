import { createHash, verify, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos'
import { headerBytes, headerHash } from '../../src/embedded/block.ts'
import { text } from '../client.ts'
import { channelHeaderOf, envelopesOf, fresh, take } from './observations.ts'
import type { ConformanceContext } from './context.ts'

const Code = peer.TxValidationCode

// BFT orderers name themselves by their number in the configuration; all others by their certificate.
const signerOf = (signature: common.MetadataSignature, first: common.Block): X509Certificate => {
  const header = signature.getSignatureHeader_asU8()
  if (header.length > 0) {
    const creator = common.SignatureHeader.deserializeBinary(header).getCreator_asU8()
    return new X509Certificate(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8())
  }
  const { identifier } = common.IdentifierHeader.deserializeBinary(signature.getIdentifierHeader_asU8()).toObject()
  const payload = common.Payload.deserializeBinary(envelopesOf(first)[0]!.getPayload_asU8())
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!
  const group = config.getChannelGroup()!.getGroupsMap().get('Orderer')!
  const orderers = common.Orderers.deserializeBinary(group.getValuesMap().get('Orderers')!.getValue_asU8())
  return new X509Certificate(
    orderers
      .getConsenterMappingList()
      .find(consenter => consenter.getId() === identifier)!
      .getIdentity_asU8()
  )
}

/** Blocks and what stands in them. */
export const blocks = (on: ConformanceContext): void => {
  describe('blocks', () => {
    it('resume at a checkpoint, whole, filtered and with private data', async () => {
      const channel = on.alice.gateway.getNetwork(on.network.profile.channel)
      const commit = await on.contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
      const { blockNumber } = await commit.getStatus()
      const checkpoint = { getBlockNumber: () => blockNumber, getTransactionId: () => undefined }
      const [block] = await take(await channel.getBlockEvents({ checkpoint }), 1)
      expect(BigInt(block!.getHeader()!.getNumber())).toBe(blockNumber)
      const [filtered] = await take(await channel.getFilteredBlockEvents({ checkpoint }), 1)
      expect(filtered!.getChannelId()).toBe(on.network.profile.channel)
      const transactions = filtered!.getFilteredTransactionsList()
      expect(transactions.map(t => [t.getTxid(), t.getTxValidationCode()])).toContainEqual([
        commit.getTransactionId(),
        Code.VALID
      ])
      const [both] = await take(await channel.getBlockAndPrivateDataEvents({ checkpoint }), 1)
      expect(both!.getBlock()!.serializeBinary()).toEqual(block!.serializeBinary())
    })

    it('come live', async () => {
      const next = take(await on.alice.gateway.getNetwork(on.network.profile.channel).getBlockEvents(), 1)
      await new Promise(resolve => setTimeout(resolve, 300))
      const commit = await on.contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
      const [block] = await next
      expect(BigInt(block!.getHeader()!.getNumber())).toBe((await commit.getStatus()).blockNumber)
    })

    it('are chained by their hashes, hold what they say, and bear the signature of an orderer', async () => {
      for (let i = 0; i < 3; i++) await on.contract.submitTransaction('put', fresh('k'), 'v')
      const blocks = await on.blocksFrom(0, 4)
      const roots = on.network.profile.organizations.flatMap(o => o.mspRoots.map(pem => new X509Certificate(pem)))
      blocks.forEach((block, i) => {
        const header = block.getHeader()!
        const previous = blocks[i - 1]?.getHeader()
        if (previous !== undefined) expect(Buffer.from(header.getPreviousHash_asU8())).toEqual(headerHash(previous))
        const hash = createHash('sha256')
        for (const data of block.getData()!.getDataList_asU8()) hash.update(data)
        expect(Buffer.from(header.getDataHash_asU8())).toEqual(hash.digest())
        if (i === 0) return
        const metadata = common.Metadata.deserializeBinary(
          block.getMetadata()!.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES]!
        )
        expect(metadata.getSignaturesList().length).toBeGreaterThan(0)
        for (const signature of metadata.getSignaturesList()) {
          const certificate = signerOf(signature, blocks[0]!)
          expect(roots.some(root => certificate.checkIssued(root) && certificate.verify(root.publicKey))).toBe(true)
          const signed = Buffer.concat([
            metadata.getValue_asU8(),
            signature.getSignatureHeader_asU8(),
            signature.getIdentifierHeader_asU8(),
            headerBytes(header)
          ])
          expect(verify('sha256', signed, certificate.publicKey, signature.getSignature_asU8())).toBe(true)
        }
      })
    })

    it('begin with a configuration that names the organisations and their roots', async () => {
      const [block] = await on.blocksFrom(0, 1)
      const payload = common.Payload.deserializeBinary(envelopesOf(block!)[0]!.getPayload_asU8())
      const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()!
      const groups = config.getChannelGroup()!.getGroupsMap().get('Application')!.getGroupsMap()
      for (const organization of on.network.profile.organizations) {
        const value = [...groups.entries()].map(([, group]) => group.getValuesMap().get('MSP')!.getValue_asU8())
        const found = value.map(bytes =>
          msp.FabricMSPConfig.deserializeBinary(msp.MSPConfig.deserializeBinary(bytes).getConfig_asU8())
        )
        const own = found.find(fabric => fabric.getName() === organization.mspId)
        expect(own?.getRootCertsList_asU8().map(text)).toEqual(organization.mspRoots)
      }
    })

    it('hold endorsements of the organisations and the versions of what was read', async () => {
      const key = fresh('k')
      const written = await on.contract.submitAsync('put', { arguments: [key, '1'] })
      const at = await written.getStatus()
      const read = await on.contract.submitAsync('increment', { arguments: [key] })
      const [block] = await on.blocksFrom(Number((await read.getStatus()).blockNumber), 1)
      const envelope = envelopesOf(block!).find(e => channelHeaderOf(e).getTxId() === read.getTransactionId())!
      const tx = peer.Transaction.deserializeBinary(
        common.Payload.deserializeBinary(envelope.getPayload_asU8()).getData_asU8()
      )
      const action = peer.ChaincodeActionPayload.deserializeBinary(
        tx.getActionsList()[0]!.getPayload_asU8()
      ).getAction()!
      const endorsers = action
        .getEndorsementsList()
        .map(e => msp.SerializedIdentity.deserializeBinary(e.getEndorser_asU8()).getMspid())
      expect(new Set(endorsers).size).toBeGreaterThan(on.network.profile.organizations.length / 2)
      for (const endorsement of action.getEndorsementsList()) {
        const certificate = new X509Certificate(
          msp.SerializedIdentity.deserializeBinary(endorsement.getEndorser_asU8()).getIdBytes_asU8()
        )
        const signed = Buffer.concat([action.getProposalResponsePayload_asU8(), endorsement.getEndorser_asU8()])
        expect(verify('sha256', signed, certificate.publicKey, endorsement.getSignature_asU8())).toBe(true)
      }
      const response = peer.ProposalResponsePayload.deserializeBinary(action.getProposalResponsePayload_asU8())
      const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8()
      const set = ledger.rwset.TxReadWriteSet.deserializeBinary(results)
        .getNsRwsetList()
        .find(s => s.getNamespace() === 'probe')!
      const kv = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8())
      expect(kv.getReadsList().map(r => [r.getKey(), r.getVersion()?.getBlockNum()])).toEqual([
        [key, Number(at.blockNumber)]
      ])
      expect(kv.getWritesList().map(w => [w.getKey(), text(w.getValue_asU8())])).toEqual([[key, '2']])
    })
  })
}
