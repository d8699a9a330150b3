import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Layout } from './layout.ts'
import type { NodeProgram } from './node-process.ts'
import { mspIdOf } from './plan.ts'
import type { FabricPlan, PlannedService } from './plan.ts'

/** The program that runs the BIMS chaincode as a service; it stands beside the package's main file. */
const chaincodeServer = (): string => {
  const main = createRequire(import.meta.url).resolve('@bims/chaincode')
  return join(dirname(main), main.endsWith('.ts') ? 'server.ts' : 'server.js')
}

/** What the BIMS chaincode of one organisation is started with. */
export const serviceEnvironment = (
  plan: FabricPlan,
  service: PlannedService,
  packageId: string,
  listen: string
): Readonly<Record<string, string>> => ({
  CHAINCODE_SERVER_ADDRESS: `${listen}:${service.port}`,
  CHAINCODE_ID: packageId,
  // Without it the shim does not know whose peer it serves.
  CORE_PEER_LOCALMSPID: mspIdOf(plan, service.organization),
  CORE_CHAINCODE_LOGGING_LEVEL: 'ERROR',
  CORE_CHAINCODE_LOGGING_SHIM: 'ERROR'
})

/** The process of an organisation's chaincode. */
export const serviceProgram = (
  plan: FabricPlan,
  layout: Layout,
  service: PlannedService,
  packageId: string
): NodeProgram => ({
  name: service.name,
  folder: layout.node(service.name),
  command: [process.execPath, '--no-deprecation', chaincodeServer()],
  environment: serviceEnvironment(plan, service, packageId, '127.0.0.1')
})
