/** fabric-shim's own way from contract classes to a chaincode; its launchers use it, its types leave it out. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract.js' {
  import type { ChaincodeInterface } from 'fabric-shim'
  const ChaincodeFromContract: new (
    contracts: unknown[],
    serializers: object,
    metadata: object,
    title: string,
    version: string
  ) => ChaincodeInterface
  export default ChaincodeFromContract
}

/** The server of `Shim.server`, whose types demand TLS properties that the server itself does not. */
declare module 'fabric-shim/lib/server.js' {
  import type { ChaincodeInterface } from 'fabric-shim'
  export default class ChaincodeServer {
    constructor(chaincode: ChaincodeInterface, options: { readonly ccid: string; readonly address: string })
    start(): Promise<void>
  }
}
