import { expect, it } from 'vitest'
import * as network from '../src/index.ts'

it('exports these names and no others', () => {
  expect(Object.keys(network).sort()).toEqual([
    'defaultIdentity',
    'defaultOrganizations',
    'identityText',
    'networkDown',
    'networkStatus',
    'networkUp',
    'newAuthority',
    'openAuthority',
    'readIdentityText',
    'startEmbedded'
  ])
})
