/**
 * Runs the chaincode as a service: a peer dials in at CHAINCODE_SERVER_ADDRESS (host:port) for the package
 * CHAINCODE_ID. Without TLS: it belongs beside its peer, on the same host.
 */
import { JSONSerializer } from 'fabric-contract-api'
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract.js'
import ChaincodeServer from 'fabric-shim/lib/server.js'
import { contracts } from './index.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const serve = async (address: string, ccid: string): Promise<void> => {
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } }
  const chaincode = new ChaincodeFromContract([...contracts], serializers, {}, 'bims', '2')
  const limits = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }
  await new ChaincodeServer(chaincode, { ccid, address, ...limits }).start()
  say(`The chaincode ${ccid} listens at ${address}.`)
}

const { CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: ccid } = process.env
if (address === undefined || ccid === undefined) {
  say('Set CHAINCODE_SERVER_ADDRESS (host:port to listen at) and CHAINCODE_ID (the package id that the peer gave).')
  process.exitCode = 2
} else {
  serve(address, ccid).catch((cause: unknown) => {
    say(`The chaincode does not start: ${cause instanceof Error ? cause.message : String(cause)}`)
    process.exitCode = 1
  })
}
