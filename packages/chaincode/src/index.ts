/**
 * The chaincode of BIMS for Hyperledger Fabric: what a peer's chaincode service loads.
 *
 * @module
 */
import { BimsContract } from './contract.ts'

export { BimsContract }

/** The contracts of this chaincode, in the form in which fabric-shim takes them. */
export const contracts: readonly (new () => BimsContract)[] = [BimsContract]
