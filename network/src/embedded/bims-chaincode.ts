import type { ChaincodeRequest } from './chaincode-start.ts'

/** The chaincode of an embedded ledger for which nothing else is asked. */
export const bimsChaincode = { name: 'bims', module: '@bims/chaincode' } as const satisfies ChaincodeRequest
