/**
 * Program that keeps an embedded ledger running by itself: `node daemon.ts --dir DIR [--options JSON]`. Loading is most of a start, so the
 * thread of the chaincode begins to load before this one does.
 */
import { bimsChaincode } from './bims-chaincode.ts'
import { warmThread } from './chaincode-thread.ts'

warmThread(bimsChaincode.module)
await import('./daemon-process.ts')
