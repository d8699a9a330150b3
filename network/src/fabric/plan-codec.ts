import { readFile } from 'node:fs/promises'
import { newError } from '@bims/core'
import { writeWholeFile } from '../files/whole-file.ts'
import { planSchema } from './plan.ts'
import type { FabricPlan } from './plan.ts'

const isPlan = (value: unknown): value is FabricPlan =>
  typeof value === 'object' &&
  value !== null &&
  'schema' in value &&
  value.schema === planSchema &&
  ['organizations', 'peers', 'orderers', 'services', 'chaincodes'].every(name =>
    Array.isArray((value as Readonly<Record<string, unknown>>)[name])
  )

/**
 * Reads the plan that a folder keeps; undefined where it keeps none.
 * @throws `network-corrupt` where it is no plan.
 */
export const readPlan = async (file: string): Promise<FabricPlan | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isPlan(value)) return value
  } catch {
    // Falls through to the error below.
  }
  throw newError('network-corrupt', `The file ${file} is no plan of a network.`, 'Remove the folder and start anew.')
}

/** Keeps a plan. */
export const writePlan = (file: string, plan: FabricPlan): Promise<void> =>
  writeWholeFile(file, `${JSON.stringify(plan, undefined, 2)}\n`)
