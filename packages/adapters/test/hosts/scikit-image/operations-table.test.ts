import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { operations, operationsTable } from '../../../src/hosts/scikit-image/index.ts'

describe('docs/operations.md', () => {
  it('is what operationsTable() makes of the vocabulary', () => {
    const page = readFileSync(new URL('../../../../../docs/operations.md', import.meta.url), 'utf8')
    expect(page).toBe(operationsTable(operations))
  })
})
