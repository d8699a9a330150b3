import type { EndorsementRule } from './endorsement-policy.ts'

/**
 * Refuses policies of chaincodes that nobody could read, before a folder is made for a network. What reads them is loaded only where there
 * are any: it brings Fabric's messages along.
 * @throws `usage`
 */
export const checkPolicies = async (policies: Readonly<Record<string, EndorsementRule>> | undefined): Promise<void> => {
  if (policies !== undefined) (await import('./chaincode-policies.ts')).refuseUnreadable(policies)
}
