import { peer } from '@hyperledger/fabric-protos'
import { failurePrefix, type Execution } from './chaincode-session.ts'
import { errorText } from './error-text.ts'
import { decode } from '../protobuf/messages.ts'

/** Executes another chaincode of the channel within the same transaction; rejects with an Error where it cannot. */
export type CalledChaincode = (name: string, input: peer.ChaincodeInput) => Promise<Execution>

const Type = peer.ChaincodeMessage.Type

// `name`, `name:version`, either with `/channel` behind it; the version is not looked at, as in Fabric.
const parseName = (text: string): { readonly name: string; readonly channel: string } => {
  const [place = '', ...channel] = text.split('/')
  return { name: place.split(':')[0] ?? '', channel: channel.join('/') }
}

const completed = async (execution: Promise<Execution>): Promise<peer.ChaincodeMessage> => {
  const message = new peer.ChaincodeMessage()
  try {
    const { response } = await execution
    message.setType(Type.COMPLETED)
    message.setPayload(response.serializeBinary())
  } catch (error) {
    const text = errorText(error)
    // What the other one answered is passed on as it came; that it could not be asked is this peer's own error.
    if (!text.startsWith(failurePrefix)) throw new Error(`execute failed: ${text}`, { cause: error })
    message.setType(Type.ERROR)
    message.setPayload(Buffer.from(text.slice(failurePrefix.length)))
  }
  return message
}

/** Answers a chaincode's request to call another one: the other's last message, as a real peer passes it on. */
export const answerCall = async (payload: Uint8Array, channel: string, call: CalledChaincode): Promise<Uint8Array> => {
  const spec = decode(peer.ChaincodeSpec, payload)
  const input = spec?.getInput()
  if (spec === undefined || input === undefined) throw new Error('unmarshal failed')
  const target = parseName(spec.getChaincodeId()?.getName() ?? '')
  if (target.channel !== '' && target.channel !== channel)
    throw new Error(`failed to find ledger for channel: ${target.channel}`)
  return (await completed(call(target.name, input))).serializeBinary()
}
