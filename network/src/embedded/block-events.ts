import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { flagsOf } from './block.ts'
import { headerType, validationCode } from './enumerated.ts'
import { parseAction, parseStored } from './envelope.ts'
import type { ParsedEnvelope } from './envelope.ts'

const Code = peer.TxValidationCode

const envelopesOf = (block: common.Block): readonly (ParsedEnvelope | undefined)[] =>
  (block.getData()?.getDataList_asU8() ?? []).map(parseStored)

const eventOf = (parsed: ParsedEnvelope | undefined): peer.ChaincodeEvent | undefined => {
  if (parsed === undefined || parsed.channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return undefined
  const action = parseAction(parsed)
  return E.isRight(action) ? action.right.event : undefined
}

/** The events of a block's valid transactions, each with the id of its transaction, in order. */
export const chaincodeEvents = (block: common.Block): readonly peer.ChaincodeEvent[] => {
  const flags = flagsOf(block)
  return envelopesOf(block).flatMap((parsed, i) => {
    const event = flags[i] === Code.VALID ? eventOf(parsed) : undefined
    return event === undefined ? [] : [event]
  })
}

const filteredActions = (parsed: ParsedEnvelope): peer.FilteredTransactionActions => {
  const actions = new peer.FilteredTransactionActions()
  const event = eventOf(parsed)
  if (event === undefined) return actions
  const shown = new peer.ChaincodeEvent()
  shown.setTxId(event.getTxId())
  shown.setChaincodeId(event.getChaincodeId())
  shown.setEventName(event.getEventName())
  const action = new peer.FilteredChaincodeAction()
  action.setChaincodeEvent(shown)
  actions.addChaincodeActions(action)
  return actions
}

/** A block without its contents: ids, codes, and names of events. */
export const filteredBlock = (block: common.Block, channel: string): peer.FilteredBlock => {
  const flags = flagsOf(block)
  const filtered = new peer.FilteredBlock()
  filtered.setChannelId(channel)
  filtered.setNumber(block.getHeader()?.getNumber() ?? 0)
  envelopesOf(block).forEach((parsed, i) => {
    if (parsed === undefined) return
    const transaction = new peer.FilteredTransaction()
    transaction.setTxid(parsed.channel.getTxId())
    transaction.setType(headerType(parsed.channel.getType()))
    transaction.setTxValidationCode(validationCode(flags[i]))
    if (parsed.channel.getType() === common.HeaderType.ENDORSER_TRANSACTION)
      transaction.setTransactionActions(filteredActions(parsed))
    filtered.addFilteredTransactions(transaction)
  })
  return filtered
}
